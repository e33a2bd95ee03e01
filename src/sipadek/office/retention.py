"""Record folders of an office: its filing plan, what is due, and how letters really end."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import IO

from sipadek import books
from sipadek.archive import ObjectStore
from sipadek.books import DocumentKind, FolderContents, Party
from sipadek.errors import InvalidInput, StepRefused
from sipadek.office.transferring import write_package
from sipadek.retention import (
    NATIONAL_AUTHORITIES,
    Authority,
    Disposal,
    DisposalKind,
    Fate,
    FolderState,
    Paper,
    RecordFolder,
    RuleSet,
    Scheme,
    Step,
    Successions,
    read_rules,
    read_scheme,
    read_successions,
)
from sipadek.sql import Retention


class OfficeRetention(Retention):
    """What ``office.retention`` can do, beside what `sipadek.sql.Retention` does: plans from files, each
    step under a name of its own, documents, and the destruction of objects.

    ``scour`` writes the register's file anew, ``checkpoint`` gives the newest one of the ledger.
    """

    def __init__(
        self,
        register: Retention,
        *,
        store: ObjectStore,
        scour: Callable[[], None],
        checkpoint: Callable[[], str],
    ) -> None:
        super().__init__(register._transactions, register._log, now=register._now)
        self._store = store
        self._scour = scour
        self._checkpoint = checkpoint

    # --- plans ----------------------------------------------------------------------------------

    def import_scheme(
        self, file: Path, *, name: str, source: str, actor: str, set_aside: Collection[int] = ()
    ) -> Scheme:
        """A version of the classification scheme from a .csv or .xlsx in OpenSID's layout, as
        `sipadek.retention.read_scheme` describes. Raises InvalidInput that names line and column."""
        found = read_scheme(_rows(file), name=name, source=source, set_aside=set_aside)
        self.import_plan(found, actor=actor)
        return found

    def import_rules(
        self,
        file: Path,
        *,
        name: str,
        source: str,
        actor: str,
        scheme: str,
        authorities: Sequence[Authority] = NATIONAL_AUTHORITIES,
        set_aside: Collection[int] = (),
    ) -> RuleSet:
        """A version of the retention schedule (JRA) over a scheme, as `sipadek.retention.read_rules`
        describes. ``authorities`` approve. Raises as ``import_scheme``."""
        found = read_rules(
            _rows(file), name=name, scheme=scheme, source=source,
            authorities=authorities, set_aside=set_aside,
        )  # fmt: skip
        self.import_plan(found, actor=actor)
        return found

    def import_successions(
        self,
        file: Path,
        *,
        old: str,
        new: str,
        source: str,
        actor: str,
        set_aside: Collection[int] = (),
    ) -> Successions:
        """What the codes of the scheme ``old`` became in ``new``, as
        `sipadek.retention.read_successions` describes. Raises as ``import_scheme``."""
        found = read_successions(_rows(file), old=old, new=new, source=source, set_aside=set_aside)
        self.import_plan(found, actor=actor)
        return found

    # --- folders --------------------------------------------------------------------------------

    def reopen_folder(self, folder: str, *, reason: str, actor: str) -> RecordFolder:
        """Open a closed folder again, active or inactive; its retention will run anew. Raises
        StepRefused or OnHold."""
        return self.change("reopened", folder, actor=actor, reason=reason)

    def hold(self, folder: str, *, reason: str, actor: str) -> RecordFolder:
        """Lay a legal hold on a folder: nothing is taken from it, moved, appraised or destroyed until it
        is released. Raises StepRefused where it is held or destroyed."""
        return self.change("held", folder, actor=actor, reason=reason)

    def release(self, folder: str, *, reason: str, actor: str) -> RecordFolder:
        """Take the hold away. Raises StepRefused where there is none."""
        return self.change("released", folder, actor=actor, reason=reason)

    def begin_reappraisal(self, folder: str, *, as_of: datetime.date, actor: str) -> RecordFolder:
        """Hand a folder that is due for reappraisal on that day to the panel. Raises StepRefused or
        OnHold."""
        return self.change("appraising", folder, actor=actor, as_of=as_of.isoformat())

    def reappraise(
        self, folder: str, *, fate: Fate, until: datetime.date, reason: str, actor: str
    ) -> RecordFolder:
        """Give an inactive folder another fate, which it meets from the day ``until`` on. Raises
        StepRefused or OnHold."""
        return self.change(
            "reappraised", folder,
            actor=actor, reason=reason, fate=fate.value, fate_on=until.isoformat(),
        )  # fmt: skip

    # --- disposals ------------------------------------------------------------------------------

    def consider(self, disposal: str, paper: Paper, *, actor: str) -> Disposal:
        """The panel's consideration. Raises StepRefused."""
        return self.record(disposal, Step.CONSIDERED, paper, actor=actor)

    def approve(self, disposal: str, paper: Paper, *, actor: str) -> Disposal:
        """The approval, which ``paper.by`` the disposal's ``authority`` must be. Raises StepRefused."""
        return self.record(disposal, Step.APPROVED, paper, actor=actor)

    def decide(self, disposal: str, paper: Paper, *, actor: str) -> Disposal:
        """The decision to carry it out. Raises StepRefused."""
        return self.record(disposal, Step.DECIDED, paper, actor=actor)

    def carry_out(self, disposal: str, paper: Paper, *, actor: str) -> Disposal:
        """Carry a disposal out, with its minutes. What a destruction destroys is gone when this returns:
        objects, texts and words in the index. After an interruption the same call, `finish` or
        ``office.recover()`` goes on. Raises StepRefused, OnHold or StorageFailed."""
        self.record(disposal, Step.CARRIED_OUT, paper, actor=actor)
        self.finish()
        return self.disposal(disposal)

    def finish(self) -> tuple[str, ...]:
        """Delete what is left of letters whose destruction was carried out; the disposals that it
        completed. Content that a letter has which was not destroyed stays. Raises StorageFailed."""
        left = self.to_delete()
        if not left:
            return ()
        for digests in left.values():
            for digest in digests:
                self._store.delete(digest)
        self.purge()
        self._scour()
        return tuple(name for name, digests in left.items() if self._completed(name, len(digests)))

    def _completed(self, name: str, objects: int) -> bool:
        """Complete it, unless another process was at it and did so meanwhile."""
        try:
            self.complete(name, objects=objects)
        except StepRefused:
            if self.disposal(name).step is not Step.COMPLETED:
                raise
            return False
        return True

    # --- documents ------------------------------------------------------------------------------

    def contents(self, folders: Sequence[str]) -> tuple[FolderContents, ...]:
        """Folders with their letters, for lists. Raises NotFound."""
        return tuple(
            FolderContents(folder=self.folder(name), letters=tuple(self.letters(name)))
            for name in folders
        )

    def write_inactive_list(self, file: IO[bytes], *, office: str) -> None:
        """The list of all inactive folders (daftar arsip inaktif) as a PDF. ``office`` is the name that
        stands on it. Raises as `sipadek.books.write_pdf`."""
        found = self.folders(state=FolderState.INACTIVE)
        contents = self.contents([folder.name for folder in found])
        books.write_pdf(contents, file, books.FolderList.inactive(office=office))

    def write_document(
        self,
        disposal: str,
        kind: DocumentKind,
        file: IO[bytes],
        *,
        office: str,
        place: str = "",
        parties: Sequence[Party] = (),
        number: str = "",
    ) -> None:
        """A document of a disposal as a PDF: its list as things stand, the panel's consideration (with
        the ``number`` it will have), its minutes, or the statement of authenticity of a transfer.

        ``office`` is the name that stands on it, ``place`` where it is made, ``parties`` who signs.
        Raises StepRefused where it is too early, InvalidInput where something is missing, and as
        `sipadek.books.write_pdf`.
        """
        found = self.disposal(disposal)
        contents = self.contents(found.folders)
        if kind is DocumentKind.LIST:
            books.write_pdf(contents, file, books.FolderList.of(found, office=office))
            return
        if not place or not parties:
            raise InvalidInput(f"the {kind} needs a place and who signs it", document=kind.value)
        told = {"office": office, "place": place, "parties": parties}
        if kind is DocumentKind.CONSIDERATION:
            if found.kind is DisposalKind.MOVE or not number:
                raise InvalidInput("a consideration needs a number, and a move has none")
            paper = books.consideration(found, contents, number=number, **told)  # type: ignore[arg-type]
        elif kind is DocumentKind.MINUTES:
            paper = books.minutes(found, contents, **told)  # type: ignore[arg-type]
        else:
            if found.kind is not DisposalKind.TRANSFER:
                raise InvalidInput("only a transfer has a statement of authenticity")
            paper = books.statement(found, contents, checkpoint=self._checkpoint(), **told)  # type: ignore[arg-type]
        books.write_paper(paper, file)

    def write_transfer(
        self, disposal: str, folder: Path, *, office: str, place: str, parties: Sequence[Party]
    ) -> Path:
        """What a transfer that was carried out hands over, in a new folder: ``daftar.csv`` and
        ``daftar.pdf``, ``berita-acara.pdf``, ``pernyataan.pdf``, the filed PDFs below ``arsip/``, and
        ``sha256.txt`` over all of them (as ``sha256sum -c`` reads it). Returns the folder.

        Raises StepRefused, InvalidInput where the folder is there, DamagedObject, StorageFailed.
        """
        found = self.disposal(disposal)
        if found.kind is not DisposalKind.TRANSFER or found.pending:
            raise InvalidInput(f"{disposal} is no transfer that was carried out", disposal=disposal)
        contents = self.contents(found.folders)

        def documents(into: Path) -> None:
            for kind in (DocumentKind.LIST, DocumentKind.MINUTES, DocumentKind.STATEMENT):
                with (into / f"{kind}.pdf").open("wb") as file:
                    self.write_document(
                        disposal, kind, file, office=office, place=place, parties=parties
                    )

        return write_package(folder, contents, self._store, documents)


def _rows(path: Path) -> list[tuple[int, Sequence[object]]]:
    suffix = path.suffix.lower()
    if suffix not in (".csv", ".xlsx"):
        raise InvalidInput(
            f"{path} is neither .csv nor .xlsx; save it as one of them", path=str(path)
        )
    try:
        with path.open("rb") as file:
            return books.read_table(file, xlsx=suffix == ".xlsx")
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}", path=str(path)) from error
