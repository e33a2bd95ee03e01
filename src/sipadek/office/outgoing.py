"""The way of an outgoing letter through the house: drafted, passed, set, numbered, signed, sent."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

import attrs

from sipadek.archive import Letter
from sipadek.correspondence import (
    NUMBER_TAG,
    STAMP_TAG,
    Draft,
    LetterKind,
    Setting,
    compose,
    outgoing,
)
from sipadek.errors import InvalidInput, KeyConflict, NumberVoid, PdfError, StampError
from sipadek.flow import Act, Case, Command, Situation
from sipadek.numbering import Rules
from sipadek.office.casework import Casework
from sipadek.office.filing import FileRequest
from sipadek.office.stamping import StampStyle
from sipadek.signing import DocumentSigner, Signer
from sipadek.stamping import Mark, Text

if TYPE_CHECKING:
    from sipadek.office.office import Office

_SIZE: Final = 11.0
_BELOW_BASELINE: Final = 0.22 * _SIZE - 0.4
"""How far a mark's text stands over its lower edge, less what the tag's stands over its own."""

# With these a second try with the same letter cannot go better: the letter goes back to the signatory.
_HOPELESS: Final = (PdfError, StampError, InvalidInput, NumberVoid, KeyConflict)


class Typesetter(Protocol):
    """What makes a PDF of a letter."""

    def typeset(self, sheet: Mapping[str, Any], /) -> bytes:
        """The letter as a PDF: ``sheet`` is what `sipadek.correspondence.compose` made. Its tags stand
        in it once each, where number and stamp go. The same sheet gives the same bytes."""
        ...


class OutgoingLetters(Casework):
    """Outgoing letters; see `Correspondence`."""

    _office: Office
    _rules: Rules
    _typesetter: Typesetter
    _kinds: Mapping[str, LetterKind]
    _instructions: tuple[str, ...]
    _style: StampStyle

    def _setting(self) -> Setting:
        return Setting(
            organisation=self.organisation,
            on=self._today(),
            kinds=self._kinds,
            instructions=self._instructions,
        )

    def _outgoing(self, command: Command) -> Case:
        setting = self._setting()

        def decide(command: Command, situation: Situation) -> Sequence[Act]:
            return outgoing.decide(setting, command, situation)

        return self._record(decide, command)

    # --- the draft ------------------------------------------------------------------------------

    def draft(self, draft: Draft, *, actor: str, post: str = "", key: str = "") -> Case:
        """Open a letter's case. The draft may be incomplete until it is submitted."""
        data = {"draft": draft.body()}
        return self._outgoing(self._command("draft", actor, data=data, post=post, key=key))

    def revise(
        self, case: str, draft: Draft, *, actor: str, key: str = "", version: int | None = None
    ) -> Case:
        """Put another draft in the place of this one, as long as it was not submitted, or came back."""
        data = {"draft": draft.body()}
        return self._outgoing(
            self._command("revise", actor, case, data=data, key=key, version=version)
        )

    def submit(self, case: str, *, actor: str, key: str = "", version: int | None = None) -> Case:
        """Pass the draft on: to the first paraf of its chain, or to be signed. It is set for a try
        first, so that what is lacking, or cannot be set, is named now."""
        command = self._command("submit", actor, case, key=key, version=version)
        if not key or self._cases.find_key(key) is None:
            setting = self._setting()
            self._cases.consider(
                command, lambda situation: outgoing.decide(setting, command, situation)
            )
            self._typesetter.typeset(self._sample(self._case(case)))
        return self._outgoing(command)

    def paraf(
        self, case: str, *, actor: str, note: str = "", key: str = "", version: int | None = None
    ) -> Case:
        """Give the paraf that the letter waits for, and pass it on."""
        data = {"note": note}
        return self._outgoing(
            self._command("paraf", actor, case, data=data, key=key, version=version)
        )

    def give_back(
        self, case: str, *, actor: str, reason: str, key: str = "", version: int | None = None
    ) -> Case:
        """Return the letter to who drafted it, in the place of a paraf or the signature."""
        return self._outgoing(
            self._command("return", actor, case, reason=reason, key=key, version=version)
        )

    def withdraw(self, case: str, *, actor: str, reason: str, key: str = "") -> Case:
        """End a letter that was not signed."""
        return self._outgoing(self._command("withdraw", actor, case, reason=reason, key=key))

    def preview(self, case: str, *, person: str, page: int = 1, width: int = 800) -> bytes:
        """A page of the letter as it would look now, with the number it would get, as a PNG."""
        found = self.get(case, person=person)
        request = self._request(found, self._sample(found), self._today())
        return self._office.preview(request, page=page, width=width)

    # --- number, signature, sending -------------------------------------------------------------

    def sign(
        self,
        case: str,
        *,
        actor: str,
        signer: Signer | DocumentSigner,
        version: int | None = None,
    ) -> Case:
        """Set, number, stamp, sign and file the letter, and pass it on to be sent.

        Call it again after an interruption, or where a signing service failed: the letter keeps its
        number. Where the letter itself cannot be stamped or filed it goes back to be signed or returned,
        and its number, if it had one, is void. Raises also what `Office.file` does.
        """
        found = self._case(case)
        if found.state != "signing":
            draft = Draft.of(found.body["draft"]) if "draft" in found.body else None
            like = "" if draft is None else self._number_like(draft)
            data = {"number_like": like}
            found = self._outgoing(self._command("begin", actor, case, data=data, version=version))
        command = self._command(
            "finish", actor, case, data=dict.fromkeys(("letter", "number", "digest"), "-")
        )
        setting = self._setting()
        self._cases.consider(
            command, lambda situation: outgoing.decide(setting, command, situation)
        )
        letter = self._filed(found, actor, signer)
        data = {"letter": letter.id, "number": letter.number, "digest": letter.filed_digest}
        return self._outgoing(self._command("finish", actor, case, data=data))

    def _filed(self, case: Case, actor: str, signer: Signer | DocumentSigner) -> Letter:
        sheet, on = case.body["sheet"], datetime.date.fromisoformat(case.body["date"])
        try:
            request = self._request(case, sheet, on, actor=actor)
            return self._office.file(
                **{field.name: getattr(request, field.name) for field in attrs.fields(FileRequest)},
                signer=signer,
            )
        except _HOPELESS as error:
            reason = f"{error.code}: {error.message}"
            self._outgoing(self._command("fail", actor, case.id, reason=reason))
            raise

    def send(self, case: str, *, actor: str, key: str = "", version: int | None = None) -> Case:
        """Send the letter to the units among its recipients and copies: a case opens at each of them."""
        return self._outgoing(self._command("send", actor, case, key=key, version=version))

    def archive(self, case: str, *, actor: str, key: str = "") -> Case:
        """End the case of a letter that went its way; the letter stays in the archive."""
        return self._outgoing(self._command("archive", actor, case, key=key))

    def void(self, case: str, *, actor: str, reason: str) -> Case:
        """Make a signed letter void, and its number with it; at units that it was sent to its cases end.
        Call it again after an interruption."""
        found = self._case(case)
        if found.state == "void":
            self._permit(found, actor, "outgoing.void")
        else:
            found = self._outgoing(self._command("void", actor, case, reason=reason))
        self._office.numbers.void(found.letter, reason=reason, at=self._clock(), actor=actor)
        return found

    # --- what is filed --------------------------------------------------------------------------

    def _sample(self, case: Case) -> dict[str, Any]:
        """The sheet of a draft as it would be today, signed by whoever holds the post."""
        draft, on = Draft.of(case.body["draft"]), self._today()
        holders = self.organisation.holders(draft.signatory, on)
        if not holders:
            raise InvalidInput(
                f"Nobody holds {draft.signatory} on {on}; choose another signatory.",
                field="signatory",
            )
        return compose(
            draft,
            self.organisation,
            self._kinds,
            on=on,
            standing=holders[0],
            number_like=self._number_like(draft),
        )

    def _number_like(self, draft: Draft) -> str:
        request = self._bare_request(draft, b"", self._today())
        details = request.reservation("0" * 64, 0, self._today()).details
        return self._office.numbers.expected(details)

    def _request(
        self, case: Case, sheet: Mapping[str, Any], on: datetime.date, *, actor: str = ""
    ) -> FileRequest:
        draft = Draft.of(case.body["draft"])
        request = self._bare_request(draft, self._typesetter.typeset(sheet), on)
        return attrs.evolve(request, key=f"sipadek:{case.id}:{case.body['attempt']}", actor=actor)

    def _bare_request(self, draft: Draft, pdf: bytes, on: datetime.date) -> FileRequest:
        choice = self._rules.choose(post=draft.signatory, unit=draft.unit, kind=draft.kind)
        number = Mark(
            what=Text(text="{nomor}", size=_SIZE),
            pages="all",
            tag=NUMBER_TAG,
            offset=(0.0, -_BELOW_BASELINE),
        )
        marks: tuple[Mark, ...] = (*self._style.marks, number)
        style = attrs.evolve(self._style, tag=STAMP_TAG, page="all", free=False, marks=marks)
        return FileRequest(
            source=pdf,
            series=choice.series,
            subject=draft.subject,
            unit=choice.unit,
            classification=draft.classification,
            kind=draft.kind,
            secrecy=draft.secrecy,
            post=draft.signatory,
            extra={
                "dari": self.organisation.unit(draft.unit).name,
                "kepada": "; ".join(draft.to) or "-",
            },
            date=on,
            style=style,
        )
