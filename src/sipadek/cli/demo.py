"""The demonstration's command: an office's whole work in a few seconds, on letters that are made up."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from sipadek.cli.failing import FINE
from sipadek.cli.output import document, say
from sipadek.cli.parameters import Json
from sipadek.cli.values import letter_value
from sipadek.errors import InvalidInput

if TYPE_CHECKING:
    from sipadek.cli.demo_play import Story

_MARK: Final = ".sipadek-demo"
_PARTS: Final = (
    "arsip",
    "arsip-diubah",
    "asli",
    "diubah",
    "gambar",
    "kunci",
    "terbit",
    "index.html",
)


def demo(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where it takes place; a new or empty folder.")
    ] = Path("sipadek-demo"),
    json: Json = False,
) -> int:
    """Show the whole work on twenty made-up letters.

    Ends with a page that shows them all. An earlier demonstration in DIR is replaced, with
    everything that was filed in its office; a folder that holds anything else is refused. Needs the
    optional packages of sipadek[all].
    """
    from sipadek.cli.demo_page import write_page  # tests' parts, only for the demo
    from sipadek.cli.demo_play import make_samples, play

    samples = make_samples()
    _prepare(folder)
    story = play(folder, samples, quiet=json)
    page = folder / "index.html"
    write_page(page, story)
    if json:
        document(_value(story, page))
        return FINE
    say(f"\nLook at the letters: {page}")
    say(
        f"Go on yourself:      sipadek search {folder / 'arsip'} kematian\n"
        f"                     sipadek file {folder / 'arsip'} YOUR.pdf --series keputusan"
        f" --pkcs12 {folder / 'kunci' / 'pejabat.p12'}"
        f" --passphrase-file {folder / 'kunci' / 'sandi.txt'}"
    )
    return FINE


def _prepare(folder: Path) -> None:
    """An empty folder, marked as a demonstration's before anything else is put there."""
    mark = folder / _MARK
    if folder.exists() and not (folder.is_dir() and (mark.is_file() or not any(folder.iterdir()))):
        raise InvalidInput(
            f"{folder} holds something that is no demonstration of sipadek; give a new folder",
            path=str(folder),
        )
    for name in _PARTS:
        path = folder / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    mark.write_text("sipadek demo makes this folder anew each time it runs.\n", encoding="utf-8")


def _value(story: Story, page: Path) -> dict[str, Any]:
    return {
        "page": str(page),
        "letters": [letter_value(each.letter) for each in story.shown],
        "searches": [
            {
                "query": each.query,
                "total": each.results.total,
                "numbers": [hit.letter.number for hit in each.results.hits],
            }
            for each in story.searches
        ],
        "verified": story.verified.letter.number,
        "altered_copy": story.refusal.code,
        "altered_office": [
            {"code": each.code, "subject": each.subject} for each in story.damaged.findings
        ],
        "audit": {"clean": story.audit.clean, "letters": story.audit.letters},
    }
