"""Official letters of an Indonesian city as PDFs, all invented, for demonstrations, tests and measuring.

Twenty kinds, set with Typst as PDF/A-2b on A4. The lowest 4 cm of every page are free for the
stamp, and the place of the number points at it. The same count and seed give the same bytes.
"""

from __future__ import annotations

import datetime
import functools
import importlib.resources
import json
import random
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import attrs

from sipadek.errors import InvalidInput, MissingExtra, SipadekError
from sipadek.testing.sample_correspondence import CORRESPONDENCE
from sipadek.testing.sample_draft import NUMBER, Draft
from sipadek.testing.sample_families import FAMILIES
from sipadek.testing.sample_orders import ORDERS
from sipadek.testing.sample_services import SERVICES
from sipadek.testing.sample_world import World

__all__ = ["KINDS", "SampleLetter", "sample_letters", "write_folder"]

_MAKERS: Sequence[Callable[[World], Draft]] = [
    maker for four in zip(SERVICES, CORRESPONDENCE, FAMILIES, ORDERS, strict=True) for maker in four
]
KINDS = len(_MAKERS)
"""How many kinds of letter there are."""

_FIRST_DAY = datetime.date(2026, 1, 5)
_MADE = int(datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC).timestamp())
_lock = threading.Lock()  # one compiler, whose inputs are set per letter


@attrs.frozen(kw_only=True)
class SampleLetter:
    """One letter. ``classification`` is a code of Permendagri 83/2022, ``unit`` the sender's code
    ('KEL-LEGOK'), ``secrecy`` B, T or R; each of ``words`` stands in the text of the PDF.
    """

    slug: str
    kind: str
    classification: str
    unit: str
    subject: str
    secrecy: str
    date: datetime.date
    words: tuple[str, ...]
    content: str = attrs.field(repr=False)

    @functools.cached_property
    def pdf(self) -> bytes:
        """The PDF, rendered at the first call. Raises ``MissingExtra`` without Typst."""
        return _render(self.content)


def sample_letters(
    count: int = 20, seed: int = 0, *, pages: int | None = None
) -> list[SampleLetter]:
    """So many letters, going through the kinds in turn; dates rise over the working days of 2026.

    ``pages`` 1 or 4 gives letters of just so many pages, without their own annexes: the first
    page, and lists of invented residents. By default a few kinds have two pages.
    """
    if count < 0 or pages not in (None, 1, 4):
        raise InvalidInput(f"count={count}, pages={pages}: give 0 or more letters of 1 or 4 pages.")
    return [_letter(index, seed, pages) for index in range(count)]


def write_folder(
    folder: Path, count: int, seed: int = 0, *, pages: int | None = None
) -> list[Path]:
    """Write the letters of `sample_letters` into the folder (made if missing); their paths in order."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for letter in sample_letters(count, seed, pages=pages):
        path = folder / f"{letter.slug}.pdf"
        path.write_bytes(letter.pdf)
        written.append(path)
    return written


def _letter(index: int, seed: int, pages: int | None) -> SampleLetter:
    week, weekday = divmod(index // 4 % 240, 5)
    date = _FIRST_DAY + datetime.timedelta(weeks=week, days=weekday)
    world = World(random.Random(f"{seed} {index}"), date)  # noqa: S311
    draft = _MAKERS[index % KINDS](world)
    content = dict(draft.content)
    if pages is not None:
        content["annexes"] = [block for _ in range(pages - 1) for block in _annex(world, draft)]
    said = json.dumps(content, ensure_ascii=False)
    content |= {
        "subject": draft.subject,
        "author": draft.unit.full_name,
        "date": [date.year, date.month, date.day],
        "number": NUMBER,
    }
    return SampleLetter(
        slug=f"{index + 1:04}-{draft.kind}",
        kind=draft.kind,
        classification=draft.classification,
        unit=draft.unit.code,
        subject=draft.subject,
        secrecy=draft.secrecy,
        date=date,
        words=tuple(word for word in draft.words if word in said),
        content=json.dumps(content, ensure_ascii=False),
    )


def _annex(world: World, draft: Draft) -> list[dict[str, Any]]:
    """A page with a list of residents."""
    people = [world.person(ages=(1, 80)) for _ in range(24)]
    rows = [[str(n + 1), p.name, p.identity, p.trade] for n, p in enumerate(people)]
    table = {
        "head": ["No.", "Nama", "NIK", "Pekerjaan"],
        "rows": rows,
        "widths": [0.5, 3.4, 2.4, 2.2],
    }
    return [{"page": [f"Lampiran: {draft.subject}"]}, {"middle": "DAFTAR WARGA"}, {"table": table}]


def _render(content: str) -> bytes:
    with _lock:
        try:
            return bytes(
                _compiler().compile(
                    _template(),
                    sys_inputs={"letter": content},
                    format="pdf",
                    pdf_standards=["a-2b"],
                    timestamp=_MADE,
                )
            )
        except RuntimeError as error:
            raise SipadekError(f"Typst could not set the sample letter: {error}") from error


@functools.cache
def _compiler() -> Any:
    try:
        import typst
    except ImportError as error:
        raise MissingExtra(
            "Sample letters are set with Typst, which is not installed. Install 'sipadek[all]'."
        ) from error
    return typst.Compiler(ignore_system_fonts=True)


@functools.cache
def _template() -> bytes:
    return importlib.resources.files(__package__).joinpath("letter.typ").read_bytes()
