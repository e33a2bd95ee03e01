"""The front door of SIPADEK: outgoing and incoming letters of the units of one office."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from sipadek.correspondence import LetterKind
from sipadek.numbering import Rules
from sipadek.office.incoming import IncomingLetters
from sipadek.office.outgoing import Typesetter
from sipadek.office.stamping import StampStyle
from sipadek.people import Organisation

if TYPE_CHECKING:
    from sipadek.office.office import Office


class Correspondence(IncomingLetters):
    """Letters from draft to archive, and from arrival over disposisi to the end; made by
    `Office.correspondence`.

    Every act is put on record with who did it and why, in the office's ledger. What has to be taken up
    again after a crash is found by its state: letters that are 'signing' or 'received'.
    """

    def __init__(
        self,
        office: Office,
        organisation: Organisation,
        *,
        rules: Rules,
        agenda: str,
        typesetter: Typesetter,
        kinds: Mapping[str, LetterKind],
        instructions: tuple[str, ...],
        zone: datetime.tzinfo,
        clock: Callable[[], datetime.datetime],
        style: StampStyle,
    ) -> None:
        super().__init__(office.cases, organisation, zone=zone, clock=clock)
        self._office = office
        self._rules = rules
        self._agenda = agenda
        self._typesetter = typesetter
        self._kinds = kinds
        self._instructions = instructions
        self._style = style
