"""The desk of citizen services: an application from the counter to the letter that is handed over."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Final

import attrs

from sipadek.archive import Letter
from sipadek.errors import InvalidInput, NotFound, NumberVoid, StepNotPossible
from sipadek.office.service_desk import Read, ServiceDesk, not_allowed
from sipadek.services import (
    APPLICANT,
    Action,
    Application,
    Complaint,
    ListRow,
    PublicView,
    Service,
    Stage,
    code_digest,
    list_row,
    new_code,
    public_view,
)
from sipadek.services.application import check_told
from sipadek.services.record import Private
from sipadek.signing import DocumentSigner, Signer

_ENDED: Final = frozenset({Stage.HANDED_OVER, Stage.REJECTED, Stage.WITHDRAWN})


@attrs.frozen(kw_only=True)
class Receipt:
    """What the citizen takes home. ``code`` is shown here and never again."""

    application: str
    code: str = attrs.field(repr=False)
    due: datetime.datetime


@attrs.frozen(kw_only=True)
class Details:
    """An application as those see it who work on it: what the citizen wrote, in full."""

    application: Application
    values: Mapping[str, str] = attrs.field(repr=False)
    complaints: tuple[Complaint, ...] = attrs.field(repr=False)


class CitizenServices(ServiceDesk):
    """The services of an office's units. Made by `Office.services`.

    Calls of staff name the ``actor``, and are refused (NotAllowed) unless that one holds the post whose
    turn it is, at the application's unit or, for a signature, at the one above. Calls of the citizen
    name the tracking code, or nothing else does. No error and no repr repeats what a citizen wrote.
    """

    # --- the citizen ----------------------------------------------------------------------------

    def submit(
        self, service: str, *, unit: str, values: Mapping[str, str], actor: str = APPLICANT
    ) -> Receipt:
        """Apply for a service (code) at a unit (code). ``actor`` is who types it in, where that is not
        the citizen. Raises NotFound, or InvalidInput for a field (``fields['field']``)."""
        found, now = self._catalogue.service(service), self._clock()
        self._staff.paper(unit)  # refuses a unit that there is not
        read = self._values(found, values, now)
        code = new_code()
        application = Application(id="", service=service, unit=unit).after(
            found, Action.SUBMIT, post=APPLICANT, at=now, actor=actor
        )
        change = self._change(
            "submit", found, application, Private(values=read), actor=actor, at=now
        )
        case = self._cases.open(change, reference=code_digest(code))
        return Receipt(application=case.id, code=code, due=change.due)

    def track(self, code: str) -> PublicView:
        """What the bearer of a tracking code sees. Raises InvalidInput for a slip in it, NotFound."""
        read = self._coded(code)
        numbers = tuple(letter.number for letter in self._letters_of(read.application))
        return public_view(
            read.application,
            read.service,
            self._catalogue.calendar,
            unit=self._staff.paper(read.case.unit).unit,
            numbers=numbers,
            now=self._clock(),
        )

    def complete(self, code: str, values: Mapping[str, str]) -> None:
        """Give what was missing: all values anew. The clock goes on. Raises as `submit`,
        StepNotPossible."""
        read, now = self._coded(code), self._clock()
        values = self._values(read.service, values, now)
        private = attrs.evolve(read.known, values=values)
        self._step(attrs.evolve(read, private=private), Action.COMPLETE, actor=APPLICANT)

    def withdraw(self, code: str) -> None:
        """Take the application back, as long as nothing was signed. Raises StepNotPossible."""
        self._step(self._coded(code), Action.WITHDRAW, actor=APPLICANT)

    def complain(self, code: str, *, amount: int, text: str) -> None:
        """Say that ``amount`` rupiah were asked for, at any stage. Who oversees the services reads it;
        the unit does not. Raises InvalidInput."""
        read, now = self._coded(code), self._clock()
        if type(amount) is not int or amount <= 0:
            raise InvalidInput(
                "the amount is not above Rp0; say what was asked for", field="amount"
            )
        check_told("text", text)
        if not text.strip():
            raise InvalidInput("the complaint is empty; say what happened", field="text")
        complaint = Complaint(amount=amount, text=text, at=now)
        private = attrs.evolve(read.known, complaints=(*read.known.complaints, complaint))
        self._keep(read, "complain", read.application, private, actor=APPLICANT, at=now)

    # --- the counter ----------------------------------------------------------------------------

    def check(self, application: str, *, actor: str) -> None:
        """It is complete. Raises StepNotPossible, NotAllowed."""
        self._step(self._read(application), Action.CHECK, actor=actor)

    def give_back(self, application: str, *, reason: str, actor: str) -> None:
        """Something is missing: the clock stands until the citizen has completed it."""
        self._step(self._read(application), Action.RETURN, actor=actor, reason=reason)

    def reject(self, application: str, *, reason: str, actor: str) -> None:
        """It cannot be granted. Numbers that it was given are made void."""
        read = self._read(application)
        after = self._after(read, Action.REJECT, actor=actor, reason=reason)
        for letter in self._letters_of(read.application):
            self._letters.void(letter, reason="permohonan ditolak")
        self._keep_step(read, after, actor=actor)

    def draft(self, application: str, *, actor: str) -> bytes:
        """The letter is made, and waits to be signed; its PDF as it would be today, without number.
        Raises MissingExtra without Typst, InvalidInput for a text that cannot be set."""
        read = self._read(application)
        after = self._after(read, Action.DRAFT, actor=actor)
        pdf = self._letters.draft(read.service, read.case.unit, read.known.values, self._today())
        self._keep_step(read, after, actor=actor)
        return pdf

    def send_back(self, application: str, *, reason: str, actor: str) -> None:
        """The letter is to be made again."""
        self._step(self._read(application), Action.SEND_BACK, actor=actor, reason=reason)

    def sign(self, application: str, *, signer: Signer | DocumentSigner, actor: str) -> Letter:
        """Number, stamp, sign and archive the letter; where another signs after this one, the same PDF
        goes on to them, and gets their number too.

        After an interruption, the same call goes on: it never takes a second number. Raises as
        `Office.file`, StepNotPossible, NotAllowed.
        """
        read = self._read(application)
        # Before a number is taken: whether this step may be taken at all.
        self._after(read, Action.SIGN, actor=actor, letter="to come")
        read = self._prepared(read, actor)
        try:
            letter = self._letters.file(
                read.service, read.application, read.known, signer=signer, actor=actor
            )
        except NumberVoid:  # the number of an earlier try was made void: a new one, under a new key
            again = attrs.evolve(read.known, pending=None, attempt=read.known.attempt + 1)
            self._keep(read, "prepare", read.application, again, actor=actor, at=self._clock())
            return self.sign(application, signer=signer, actor=actor)
        after = self._after(read, Action.SIGN, actor=actor, letter=letter.id)
        done = attrs.evolve(read.known, pending=None, attempt=1)
        self._keep_step(attrs.evolve(read, private=done), after, actor=actor)
        return letter

    def stop_signing(self, application: str, *, actor: str) -> None:
        """Give up a signing that was interrupted and cannot be finished, such as with a key that was
        lost since. A number that it took is made void. Raises StepNotPossible, NotAllowed."""
        read = self._read(application)
        self._after(read, Action.SIGN, actor=actor, letter="to come")
        if read.known.pending is None:
            raise StepNotPossible(
                "no signing of this letter was begun", action="stop-signing", possible=("sign",)
            )
        self._letters.void_begun(read.application, read.known.attempt)
        private = attrs.evolve(read.known, pending=None, attempt=read.known.attempt + 1)
        self._keep(read, "stop-signing", read.application, private, actor=actor, at=self._clock())

    def hand_over(self, application: str, *, actor: str) -> None:
        """The citizen has the letter."""
        self._step(self._read(application), Action.HAND_OVER, actor=actor)

    # --- who sees what --------------------------------------------------------------------------

    def waiting(self, unit: str, *, actor: str) -> list[ListRow]:
        """The applications at a unit that are not ended, first due first, with the NIK masked: of those
        that ``actor`` works on."""
        rows = []
        for case in self._cases.of_units((unit,), ended=False):
            read = self._of(case)
            if not self._sees(read, actor):
                continue
            values = {} if read.private is None else read.private.values
            rows.append(
                list_row(
                    read.application,
                    read.service,
                    self._catalogue.calendar,
                    values,
                    now=self._clock(),
                )
            )
        return rows

    def details(self, application: str, *, actor: str) -> Details:
        """An application in full, for those who work on it; complaints only for those who oversee.

        Raises NotAllowed, PersonalErased.
        """
        read = self._read(application)
        overseer = self._staff.oversees(actor, read.case.unit, self._today())
        if not (overseer or self._sees(read, actor)):
            raise not_allowed(actor, "see this application")
        return Details(
            application=read.application,
            values=dict(read.known.values),
            complaints=read.known.complaints if overseer else (),
        )

    def complaints(self, units: Iterable[str], *, actor: str) -> list[tuple[str, Complaint]]:
        """The complaints about these units, each with its application's id. Raises NotAllowed."""
        today, asked = self._today(), frozenset(units)
        for unit in sorted(asked):
            if not self._staff.oversees(actor, unit, today):
                raise not_allowed(actor, f"read complaints about {unit}")
        found = [self._of(case) for case in self._cases.of_units(asked, ended=True)]
        return [
            (read.case.id, complaint)
            for read in found
            if read.private is not None
            for complaint in read.private.complaints
        ]

    def erase(self, application: str, *, actor: str) -> None:
        """Erase what the citizen wrote, for good, once the application is ended: the steps stay, the
        letter stays in the archive, and its verification shows no name any more. For those who
        oversee. Raises NotAllowed, StepNotPossible."""
        read = self._read(application)
        if not self._staff.oversees(actor, read.case.unit, self._today()):
            raise not_allowed(actor, "erase an application")
        if read.application.stage not in _ENDED:
            raise StepNotPossible(
                f"an application that is {read.application.stage} is not erased; end it first",
                state=str(read.application.stage),
                possible=read.application.possible(),
            )
        self._keep(read, "erase", read.application, None, actor=actor, at=self._clock())

    def product_of(self, letter: Letter) -> tuple[Service, Mapping[str, str]] | None:
        """The service whose product the letter is, and what the citizen wrote (nothing once that was
        erased); None for any other letter."""
        id_ = self._letters.case_of(letter)
        if id_ is None:
            return None
        try:
            read = self._of(self._cases.get(id_))
        except NotFound:
            return None
        if letter.id not in read.application.letters:
            return None
        return read.service, {} if read.private is None else read.private.values

    def _prepared(self, read: Read, actor: str) -> Read:
        """With the PDF that is to be filed: kept before a number is taken, so that a repeated call
        files the same bytes whatever the day and the version of Typst are by then."""
        if read.known.pending is not None:
            return read
        pending = self._letters.prepare(
            read.service, read.case.unit, read.application, read.known.values, self._today()
        )
        private = attrs.evolve(read.known, pending=pending)
        case = self._keep(read, "prepare", read.application, private, actor=actor, at=self._clock())
        return attrs.evolve(read, case=case, private=private)
