"""Version 1 of the service: multipart forms, and a document that can be fetched once."""

from __future__ import annotations

import re

import attrs

from sipadek.bsre.answers import outcome_unknown, problem, unanswered, unreadable, user_status
from sipadek.bsre.appearance import Appearance
from sipadek.bsre.connection import Answer, Connection, Lost
from sipadek.bsre.nik import Nik
from sipadek.bsre.secret import Secret, reveal
from sipadek.bsre.verdict import ServiceVerdict, UserStatus, v1_verdict
from sipadek.errors import AlreadyDownloaded, InvalidInput, SipadekError

_ID = re.compile(r"[A-Za-z0-9._-]{1,200}")


@attrs.frozen
class BsreV1:
    """Version 1 of the BSrE e-sign client service."""

    connection: Connection

    def status(self, who: Nik | str) -> UserStatus:
        """What the service knows of a user. Safe to repeat, and repeated.

        Raises:
            RemoteSigningError: a leaf of it.
        """
        nik = who if isinstance(who, Nik) else Nik(who)
        path = f"/api/user/status/{nik.digits}"
        return user_status(self.connection.send("GET", path, repeat=True, secrets=(nik.digits,)))

    def sign(
        self,
        pdf: bytes,
        who: Nik | str,
        *,
        passphrase: Secret,
        appearance: Appearance | None = None,
        reason: str = "",
        location: str = "",
        text: str = "",
        password: str | None = None,
    ) -> bytes:
        """The signed PDF as the service gives it; nothing of it is checked here.

        Without ``appearance`` the signature does not show. ``text`` stands beside a visible one. Asked
        once; where the answer broke off and told its id, the document is fetched by that.

        Raises:
            SigningOutcomeUnknown: the service may have signed and the document did not come.
            RemoteSigningError: another leaf of it.
            InvalidInput: ``password`` is given, which this version does not take.
        """
        if password is not None:
            raise InvalidInput(
                "Version 1 of the service takes no password for a PDF. Use version 2, or file a PDF "
                "without one."
            )
        nik = who if isinstance(who, Nik) else Nik(who)
        form = {"nik": nik.digits, "tampilan": "invisible"}
        files = {"file": ("dokumen.pdf", pdf, "application/pdf")}
        if appearance is not None:
            form |= appearance.v1_fields()
            if appearance.image:
                files["imageTTD"] = appearance.v1_image()
        said = {"reason": reason, "location": location, "text": text}
        form |= {name: value for name, value in said.items() if value}
        outcome = self._send(form, files, passphrase)
        return self._signed(outcome)

    def _send(
        self, form: dict[str, str], files: dict[str, tuple[str, bytes, str]], passphrase: Secret
    ) -> Answer | Lost:
        """The only place that knows the passphrase; no error is raised while it does."""
        secret = reveal(passphrase)
        return self.connection.send(
            "POST",
            "/api/sign/pdf",
            repeat=False,
            secrets=(secret, form["nik"]),
            form=form | {"passphrase": secret},
            files=files,
        )

    def _signed(self, outcome: Answer | Lost) -> bytes:
        if isinstance(outcome, Answer):
            if outcome.status == 200 and outcome.body.startswith(b"%PDF-"):
                return outcome.body
            error = problem(outcome, signing=True) or outcome_unknown("the answer is no PDF")
        else:
            error = unanswered(outcome, signing=True)
            if outcome.sent and _ID.fullmatch(outcome.id):
                fetched = self._fetched(outcome.id)
                if fetched is not None:
                    return fetched
        raise error

    def _fetched(self, identifier: str) -> bytes | None:
        """The document whose delivery broke off, where it can still be had."""
        try:
            return self.download(identifier)
        except SipadekError:
            return None

    def download(self, identifier: str) -> bytes:
        """A signed document by its id (header id_dokumen). The service gives each one once.

        Raises:
            AlreadyDownloaded: the service has no such document, or no longer.
            RemoteSigningError: another leaf of it.
            InvalidInput: the id cannot be one.
        """
        if not _ID.fullmatch(identifier) or identifier.strip(".") == "":
            raise InvalidInput("That is no id of a document: letters, digits and hyphens.")
        outcome = self.connection.send("GET", f"/api/sign/download/{identifier}", repeat=True)
        if isinstance(outcome, Lost):
            raise unanswered(outcome, signing=False)
        if outcome.status == 404:
            raise AlreadyDownloaded(
                "The service does not have this document: each one is given once, so it was fetched "
                "before, or the id is wrong. Have the letter signed anew with the same key.",
                http_status=404,
            )
        if outcome.status != 200 or not outcome.body.startswith(b"%PDF-"):
            raise problem(outcome, signing=False) or unreadable()
        return outcome.body

    def verify(self, pdf: bytes) -> ServiceVerdict:
        """What the service says of a signed PDF. Safe to repeat, and repeated.

        Raises:
            RemoteSigningError: a leaf of it.
        """
        files = {"signed_file": ("dokumen.pdf", pdf, "application/pdf")}
        outcome = self.connection.send("POST", "/api/sign/verify", repeat=True, files=files)
        if isinstance(outcome, Lost):
            raise unanswered(outcome, signing=False)
        error = problem(outcome, signing=False)
        if error is None:
            try:
                return v1_verdict(outcome.json())
            except (KeyError, TypeError, ValueError):
                error = unreadable()
        raise error
