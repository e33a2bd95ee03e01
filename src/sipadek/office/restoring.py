"""Going on from an older folder, after the newest one was lost for good."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable
from pathlib import Path

import attrs

from sipadek.errors import InvalidInput
from sipadek.office.keeping import Kept
from sipadek.office.office import Office


@attrs.frozen(kw_only=True)
class Restored:
    """An older state was taken as the office's: it has ``found`` events where ``kept`` had been signed.
    ``unregistered`` are objects (SHA-256) that no letter refers to: filed PDFs from the time that is
    lost, as far as they are still there."""

    kept: int
    found: int
    unregistered: tuple[str, ...]


def go_on_from_older(
    path: str | os.PathLike[str],
    *,
    kept: str | os.PathLike[str],
    reason: str,
    actor: str,
    clock: Callable[[], datetime.datetime] = lambda: datetime.datetime.now(datetime.UTC),
) -> Restored:
    """Take the older folder at ``path`` as the office.

    The ledger says so from then on (``log.restored``), and ``kept`` holds the new head. Numbers that
    were given in the time that is lost are not known here and would be given again: give as many for
    nothing and make them void. A witness refuses what goes on from here, and proofs from the lost
    time do not fit any more.

    Raises InvalidInput where nothing is to be restored, or there is no reason or actor;
    CheckpointInvalid where ``kept`` is damaged or of another office.
    """
    memory = Kept(Path(kept))
    known = memory.read()
    with Office(path, create=False, clock=clock) as office:
        register, store = office._register, office._store
        size = register.head().size
        if known is None or register.goes_on_from(known.range):
            raise InvalidInput(
                f"the register in {path} is not older than what {kept} holds; open it as it is"
            )
        lost = office.verifier.verify_checkpoint(known.checkpoint)
        register.restored(lost=lost, reason=reason, actor=actor, at=clock())
        memory.write(register.known_head())
        digests = (each for each in store.digests() if register.find_filed(each) is None)
        return Restored(kept=lost.size, found=size, unregistered=tuple(digests))
