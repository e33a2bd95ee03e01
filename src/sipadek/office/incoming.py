"""The way of an incoming letter through the house: received, registered, disposed of, reported back."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

from sipadek.archive import Letter, LetterDetails, ReservationRequest
from sipadek.correspondence import compose_sheet, disposisi, incoming
from sipadek.errors import CaseError, SipadekError
from sipadek.flow import Act, Case, Command, Situation
from sipadek.office.outgoing import OutgoingLetters
from sipadek.office.receiving import Source, chunks
from sipadek.pdf import Document
from sipadek.sql import Listing

_AGAIN = 1000


class IncomingLetters(OutgoingLetters):
    """Incoming letters and their disposisi; see `Correspondence`."""

    _agenda: str

    def _incoming(self, command: Command) -> Case:
        setting = self._setting()

        def decide(command: Command, situation: Situation) -> Sequence[Act]:
            return incoming.decide(setting, command, situation)

        return self._record(decide, command)

    def _disposisi(self, command: Command) -> Case:
        setting = self._setting()

        def decide(command: Command, situation: Situation) -> Sequence[Act]:
            return disposisi.decide(setting, command, situation)

        return self._record(decide, command)

    # --- arrival --------------------------------------------------------------------------------

    def receive(
        self,
        scan: Source,
        *,
        actor: str,
        unit: str,
        sender: str,
        date: datetime.date,
        subject: str,
        number: str = "",
        secrecy: str = "B",
        urgency: str = "",
        classification: str = "",
        reason: str = "",
        post: str = "",
        key: str = "",
    ) -> Case:
        """Take in a paper letter's scan (a PDF): it gets an agenda number, which is stamped on it, and
        is filed. ``number`` and ``date`` are the sender's.

        Raises a leaf of PdfError where it cannot be read, and DuplicateLetter where the unit has the
        same bytes, or the same sender, number and date, already; with a ``reason`` it is taken in all
        the same. Call it again with the same ``key`` after an interruption. Raises also what
        `Office.file` does.
        """
        data = scan if isinstance(scan, bytes) else b"".join(chunks(scan))
        told = {
            "unit": unit,
            "sender": sender,
            "number": number,
            "date": date.isoformat(),
            "subject": subject,
            "secrecy": secrecy,
            "urgency": urgency,
            "classification": classification,
            "digest": hashlib.sha256(data).hexdigest(),
        }
        Document.open(data)  # What is no PDF opens no case.
        case = self._incoming(
            self._command("receive", actor, data=told, reason=reason, post=post, key=key)
        )
        return case if case.state != "received" else self._registered(case, actor, data)

    def register(self, case: str, *, actor: str) -> Case:
        """Give a letter that another unit sent its agenda number, after its file was verified. Raises
        also what `Office.verify` does."""
        found = self._case(case)
        if found.state == "received":
            self._office.verify(self._office.filed(found.letter))
        return self._registered(found, actor, None)

    def refuse(self, case: str, *, actor: str, reason: str, key: str = "") -> Case:
        """End the case of a letter that came to the wrong unit."""
        return self._incoming(self._command("refuse", actor, case, reason=reason, key=key))

    def _registered(self, case: Case, actor: str, scan: bytes | None) -> Case:
        """Take the agenda number and put it on record; the same number when it is tried again."""
        setting = self._setting()
        try_ = self._command(
            "register", actor, case.id, data=dict.fromkeys(("agenda", "agenda_id"), "-")
        )
        self._cases.consider(try_, lambda situation: incoming.decide(setting, try_, situation))
        letter = self._agenda_number(case, actor, scan)
        data = {"agenda": letter.number, "agenda_id": letter.id}
        try:
            return self._incoming(self._command("register", actor, case.id, data=data))
        except CaseError:
            # Someone else refused it meanwhile, or registered it, with the same number.
            if self._case(case.id).body.get("agenda_id") != letter.id:
                reason = "surat tidak jadi diagendakan"
                self._office.numbers.void(letter.id, reason=reason, at=self._clock(), actor=actor)
            raise

    def _agenda_number(self, case: Case, actor: str, scan: bytes | None) -> Letter:
        key, body = f"sipadek:{case.id}:agenda", case.body
        known = self._office.numbers.find_keys([key]).get(key)
        on = self._today() if known is None else known.details.date
        extra = {"dari": body["sender"], "kepada": self.organisation.unit(case.unit).name}
        if scan is not None:
            return self._office.file(
                scan, series=self._agenda, subject=body["subject"], unit=case.unit,
                classification=body["classification"], secrecy=case.secrecy.value, extra=extra,
                date=on, key=key, actor=actor,
            )  # fmt: skip
        details = LetterDetails(
            series=self._agenda, subject=body["subject"], date=on, unit=case.unit,
            classification=body["classification"], secrecy=case.secrecy, extra=extra,
        )  # fmt: skip
        request = ReservationRequest(key=key, details=details, actor=actor)
        (letter,) = self._office.numbers.give([request], at=self._clock())
        if isinstance(letter, SipadekError):
            raise letter
        return letter

    # --- disposisi ------------------------------------------------------------------------------

    def dispose(
        self,
        case: str,
        *,
        actor: str,
        to: Sequence[str],
        instructions: Sequence[str] = (),
        note: str = "",
        due: datetime.datetime | None = None,
        key: str = "",
        version: int | None = None,
    ) -> Case:
        """Ask posts to act on a letter, or on a disposisi of it: a case opens for each. ``due`` is until
        when."""
        found = self._case(case)
        data = _asked(to, instructions, note, due)
        if found.kind == disposisi.DISPOSISI.kind:
            command = self._command("forward", actor, case, data=data, key=key, version=version)
            return self._disposisi(command)
        command = self._command("dispose", actor, case, data=data, key=key, version=version)
        return self._incoming(command)

    def read(self, case: str, *, actor: str) -> Case:
        """Note that a disposisi was read."""
        return self._disposisi(self._command("read", actor, case))

    def report(self, case: str, *, actor: str, report: str, key: str = "") -> Case:
        """Report back on a disposisi, which ends it. Those it went on to must have ended."""
        return self._disposisi(
            self._command("report", actor, case, data={"report": report}, key=key)
        )

    def recall(self, case: str, *, actor: str, reason: str, key: str = "") -> Case:
        """Take a disposisi back that one gave."""
        return self._disposisi(self._command("recall", actor, case, reason=reason, key=key))

    def close(self, case: str, *, actor: str, key: str = "") -> Case:
        """End the case of an incoming letter, once every disposisi of it has ended."""
        return self._incoming(self._command("close", actor, case, key=key))

    def disposisi_of(self, case: str, *, person: str) -> tuple[Case, ...]:
        """The disposisi of a letter that someone may see, each before those it went on to."""
        viewer = self.viewer(person)
        found: list[Case] = []
        for child in self._cases.list(viewer, Listing(parent=case, limit=_AGAIN)).cases[::-1]:
            found += [child, *self.disposisi_of(child.id, person=person)]
        return tuple(found)

    # --- reading --------------------------------------------------------------------------------

    def sheet(self, case: str, *, person: str) -> bytes:
        """The lembar disposisi of an incoming letter, as a PDF."""
        found = self.get(case, person=person)
        given = self.disposisi_of(case, person=person)
        sheet = compose_sheet(
            found, given, self.organisation, instructions=self._instructions, zone=self._zone
        )
        return self._typesetter.typeset(sheet)

    def pdf(self, case: str, *, person: str) -> BinaryIO:
        """The filed PDF of the letter of a case, as a binary file to read. Close it."""
        found = self.get(case, person=person)
        return self._office.filed(found.letter)


def _asked(
    to: Sequence[str], instructions: Sequence[str], note: str, due: datetime.datetime | None
) -> Mapping[str, Any]:
    return {
        "to": to if isinstance(to, str) else list(to),
        "instructions": list(instructions),
        "note": note,
        "due": "" if due is None else due.isoformat(),
    }
