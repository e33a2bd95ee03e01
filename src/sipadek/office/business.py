"""The part of an office in which people work: its cases, and the ways that stand on them."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from sipadek.numbering import Rules
from sipadek.office.stamping import StampStyle
from sipadek.sql import Cases, Register

if TYPE_CHECKING:  # Who only files letters does not load what correspondence needs.
    from sipadek.correspondence import LetterKind
    from sipadek.office.correspondence import Correspondence
    from sipadek.office.office import Office
    from sipadek.office.outgoing import Typesetter
    from sipadek.people import Organisation


class OfficeBusiness:
    """What `Office` has to do with business under way."""

    _clock: Callable[[], datetime.datetime]
    _register: Register
    _style: StampStyle

    @property
    def cases(self) -> Cases:
        """Business under way: what `correspondence` and services stand on."""
        return self._register.cases

    def correspondence(
        self,
        organisation: Organisation,
        *,
        rules: Rules,
        agenda: str,
        typesetter: Typesetter | None = None,
        kinds: Mapping[str, LetterKind] | None = None,
        instructions: Sequence[str] | None = None,
        timezone: str = "Asia/Jakarta",
    ) -> Correspondence:
        """Letters from draft to archive, and from arrival over disposisi to the end.

        ``organisation`` says who works here and who may do what; ``rules`` from which series a letter
        takes its number, ``agenda`` is the code of the series of agenda numbers. ``typesetter`` sets
        letters, by default Typst with the library's templates; ``kinds`` and ``instructions`` are a
        city's own tables, by default the library's; ``timezone`` says what day it is. Raises NotFound
        where there is no such series.
        """
        from sipadek.correspondence import INSTRUCTIONS, KINDS, TypstTypesetter
        from sipadek.office.correspondence import Correspondence

        self._register.series(agenda)
        return Correspondence(
            cast("Office", self),
            organisation,
            rules=rules,
            agenda=agenda,
            typesetter=typesetter or TypstTypesetter(),
            kinds=KINDS if kinds is None else kinds,
            instructions=tuple(INSTRUCTIONS if instructions is None else instructions),
            zone=zoneinfo.ZoneInfo(timezone),
            clock=self._clock,
            style=self._style,
        )
