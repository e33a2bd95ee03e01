"""The letters of citizen services: made, then numbered, stamped, signed and archived by the office."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import attrs

from sipadek.archive import Letter, State
from sipadek.office.service_staff import ServiceStaff
from sipadek.office.stamping import StampStyle
from sipadek.services import NUMBER_FROM_TOP, Application, Service, Signing, set_letter
from sipadek.services.record import Pending, Private
from sipadek.signing import DocumentSigner, Signer
from sipadek.stamping import Mark, Text

if TYPE_CHECKING:
    from sipadek.office.office import Office

_KEY: Final = re.compile(r"layanan/([a-z2-7]{26})/\d+/\d+")
_NUMBER: Final = Mark(
    what=Text(text="Nomor: {nomor}", size=11), anchor="top", margin=(0.0, NUMBER_FROM_TOP)
)


@attrs.frozen(kw_only=True)
class LetterDesk:
    """Makes and files the letters of services in ``office``, with numbers of the ``series`` (code).

    In ``style`` they are stamped at the lower edge: the first signer's to the right, under the name, the
    next one's to the left. The number also stands below the title.
    """

    office: Office
    staff: ServiceStaff
    series: str
    style: StampStyle

    def draft(
        self, service: Service, unit: str, values: Mapping[str, str], date: datetime.date
    ) -> bytes:
        """The letter with that date, without numbers. Raises as `set_letter`, NotFound where nobody
        holds a post that signs."""
        signers = [
            self.staff.signatory(signing.post, self.unit_of(signing, unit), date)
            for signing in service.signed_by
        ]
        paper = self.staff.paper(unit)
        return set_letter(service, values, paper=paper, signers=signers, date=date)

    def prepare(
        self,
        service: Service,
        unit: str,
        application: Application,
        values: Mapping[str, str],
        today: datetime.date,
    ) -> Pending:
        """What the next signer files: the letter with today's date, or the one that the signer before
        filed, as it is."""
        if not application.letters:
            return Pending(date=today, pdf=self.draft(service, unit, values, today))
        with self.office.filed(application.letters[-1]) as file:
            return Pending(date=today, pdf=file.read())

    def file(
        self,
        service: Service,
        application: Application,
        private: Private,
        *,
        signer: Signer | DocumentSigner,
        actor: str,
    ) -> Letter:
        """File what was prepared. Neither subject nor key tell anything of the citizen, since both stand
        in the ledger. Raises as `Office.file`."""
        assert private.pending is not None
        place = len(application.letters)
        signing = service.signed_by[place]
        return self.office.file(
            private.pending.pdf,
            series=self.series,
            subject=service.name,
            unit=self.unit_of(signing, application.unit),
            classification=service.classification,
            kind=service.kind,
            date=private.pending.date,
            key=self._key(application, private.attempt),
            actor=actor,
            signer=signer,
            style=self._style(place),
        )

    def unit_of(self, signing: Signing, unit: str) -> str:
        """The unit that signs, for an application at ``unit``."""
        return self.staff.above(unit) if signing.level == "above" else unit

    def get(self, id_: str) -> Letter:
        """The letter of that id."""
        return self.office.get(id_)

    def void(self, letter: Letter, *, reason: str) -> None:
        """Make its number void, unless it is."""
        if letter.state is not State.VOID:
            self.office.void(letter.id, reason=reason)

    def void_begun(self, application: Application, attempt: int) -> None:
        """Make the number void that this try at the next signature took, if it took one."""
        letter = self.office.find_key(self._key(application, attempt))
        if letter is not None:
            self.void(letter, reason="penandatanganan dihentikan")

    def _key(self, application: Application, attempt: int) -> str:
        return f"layanan/{application.id}/{len(application.letters) + 1}/{attempt}"

    def case_of(self, letter: Letter) -> str | None:
        """The id of the application that the letter was filed for; None where it was for none."""
        found = _KEY.fullmatch(letter.key)
        return None if found is None else found[1]

    def _style(self, place: int) -> StampStyle:
        if place:
            return attrs.evolve(self.style, anchors=("bottom-left", "bottom-right"), marks=())
        anchors = ("bottom-right", "bottom-left")
        return attrs.evolve(self.style, anchors=anchors, marks=(*self.style.marks, _NUMBER))
