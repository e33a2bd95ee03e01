"""What is read of the numbers, and where they are kept."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence

from sipadek.archive.letter import Letter, State
from sipadek.errors import NotFound
from sipadek.numbering import Series
from sipadek.postgres import loading, reading
from sipadek.postgres.handle import Handle
from sipadek.postgres.place import Transactions
from sipadek.postgres.replay import replay
from sipadek.postgres.sealing import Sealer
from sipadek.sql import accounting, rows
from sipadek.sql import reading as shared
from sipadek.sql.checking import Finding
from sipadek.sql.log import LogHead
from sipadek.sql.numbers import Clock
from sipadek.sql.reading import CounterState


class KeptNumbers:
    """The numbers kept in ``transactions``, whose log ``sealer`` signs."""

    def __init__(
        self, transactions: Transactions, sealer: Sealer, *, clock: Clock | None = None
    ) -> None:
        self._transactions = transactions
        self._sealer = sealer
        self._clock = clock or _utc_now
        self._series: dict[str, Series] = {}  # Definitions never change.

    def _now(self, at: datetime.datetime | None) -> datetime.datetime:
        return rows.in_utc(self._clock() if at is None else at)

    def series(self, code: str) -> Series:
        """The series of that code.

        Raises:
            NotFound: there is none.
        """
        if code in self._series:
            return self._series[code]
        rows.check_text("code", code)
        with self._transactions.read() as handle:
            return self._find_series(handle, code)

    def all_series(self) -> tuple[Series, ...]:
        """All series, by code."""
        with self._transactions.read() as handle:
            codes = handle.run("SELECT code FROM sipadek.series ORDER BY code").fetchall()
            return tuple(self._find_series(handle, code) for (code,) in codes)

    def _find_series(self, handle: Handle, code: str) -> Series:
        known = self._series.get(code) or shared.series(handle.shared, code)
        if known is None:
            raise NotFound(
                f"There is no series {code!r} in this register. Define it first.", series=code
            )
        self._series[code] = known
        return known

    # --- reading --------------------------------------------------------------------------------

    def head(self) -> LogHead:
        """The size, root and signed checkpoint of what is sealed of the log; its signature is verified.

        Raises:
            DamagedRegister: this office's key did not sign it.
        """
        with self._transactions.read() as handle:
            return self._sealer.head(handle)

    def unsealed(self) -> int:
        """How many events wait to be sealed."""
        with self._transactions.read() as handle:
            row = handle.run("SELECT count(*) FROM sipadek.outbox").fetchone()
        assert row is not None
        return int(row[0])

    def verify_history(self, *, known: Sequence[str] = ()) -> Iterator[Finding]:
        """Everything in which the tables differ from the signed log and the events that wait to be
        sealed, one finding at a time. Only what is sealed is proven.

        ``known`` are signed checkpoints kept elsewhere: a register that was put back to an older
        state, or given another history, does not contain them. One read transaction lasts as long
        as the iteration; memory does not grow with the register.
        """
        with self._transactions.still() as handle:
            yield from replay(
                handle,
                verifier=self._sealer.verifier,
                origin=self._sealer.origin,
                known=known,
            )

    def dump(self) -> Iterator[bytes]:
        """As `sipadek.sql.Numbers.dump`: the same register has the same lines. Raises InvalidInput while
        events wait to be sealed."""
        with self._transactions.still() as handle:
            yield from loading.dump(handle, origin=self._sealer.origin)

    def get(self, number_or_id: str) -> Letter:
        """The letter of that id or number.

        Raises:
            NotFound: there is none.
            InvalidInput: several series gave that number; ``fields['letters']`` has the ids.
        """
        rows.check_text("number_or_id", number_or_id)
        with self._transactions.read() as handle:
            return shared.letter(handle.shared, number_or_id)

    def find_keys(self, keys: Sequence[str]) -> dict[str, Letter]:
        """The letters reserved under these idempotency keys, by key; keys not in use are left out."""
        for key in keys:
            rows.check_text("key", key)
        with self._transactions.read() as handle:
            return reading.with_keys(handle, keys)

    def letters(self, *, state: State | None = None) -> Iterator[Letter]:
        """All letters (of that state) in the order of their reservation, a page at a time."""
        with self._transactions.read() as handle:
            yield from reading.letters(handle, state)

    def accounts(self, series: str = "") -> tuple[accounting.Account, ...]:
        """What became of every number, by counter, of that series or of all."""
        rows.check_text("series", series)
        with self._transactions.read() as handle:
            return tuple(accounting.accounts(handle.shared, series))

    def counters(self) -> tuple[CounterState, ...]:
        """Where every counter stands, by series and counter. Reads the whole register."""
        with self._transactions.read() as handle:
            return reading.counters(handle)


def _utc_now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
