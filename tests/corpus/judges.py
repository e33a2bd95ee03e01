"""Outside judges: what qpdf, pdfium and poppler say of a filed PDF beside its original.

None of them shares code with the way sipadek writes. Each answers relative to the original: a file
that a judge could not take before filing is not held against filing, and is not counted as judged.
"""

from __future__ import annotations

import io
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import attrs
import pypdf
import pypdfium2
import zxingcpp
from PIL import Image, ImageChops
from pypdf.generic import ArrayObject, DictionaryObject, NameObject
from signature_judges import judge_signatures
from trial import TOOL_SECONDS, Case, Objection, run_tool

COMPARED_PIXELS = (800, 1600)  # least and greatest long side of the pictures that are compared
SMALLEST_STAMP_PIXELS = 320  # the stamp's short side when its QR code is read
QR_DPI = 150
MARGIN = 12.0  # points around the stamp in the picture its QR code is read from

Box = tuple[float, float, float, float]  # left, top, right, bottom


@attrs.frozen(kw_only=True)
class Examination:
    """What the judges say of an original alone: does it count, and which words must be found."""

    opens: bool
    forbids: bool
    words: tuple[str, ...]

    @property
    def eligible(self) -> bool:
        return self.opens and not self.forbids


@attrs.frozen(kw_only=True)
class Verdict:
    """What the judges say of one filed file; ``judged`` names the judges that could tell. ``unseen``
    says that the letter was signed without a stamp, since its PDF was signed and had no room."""

    objections: tuple[Objection, ...]
    judged: tuple[str, ...]
    qr: str = ""
    unseen: bool = False


def missing_tools() -> list[str]:
    """The programs among the judges that this machine lacks."""
    tools = {
        "qpdf": "--version",
        "pdfsig": "-v",
        "pdftoppm": "-v",
        "pdftotext": "-v",
        "openssl": "version",
    }
    return [tool for tool, flag in tools.items() if not _installed(tool, flag)]


def _installed(tool: str, flag: str) -> bool:
    try:
        subprocess.run([tool, flag], capture_output=True, check=False, timeout=TOOL_SECONDS)
    except FileNotFoundError:
        return False
    return True


# --- the original alone -------------------------------------------------------------------------


def examine(original: Path) -> Examination:
    """Does qpdf open the file without a password, does a signature in it forbid the change, and
    which words would a reader expect to find it by?"""
    code, _ = run_tool("qpdf", "--show-npages", original)
    return Examination(
        opens=code in (0, 3), forbids=forbids_change(original), words=expected_words(original)
    )


def forbids_change(original: Path) -> bool:
    """Whether a signature certifies the file (ISO 32000-2, 12.8.2.2): a new visible field is then
    not among the permitted changes at any level."""
    data = original.read_bytes()
    # A signature's /ByteRange has to stand in plain sight, so a file without one has no signature.
    if b"/ByteRange" not in data:
        return False
    if re.search(rb"/(TransformMethod\s*/DocMDP|Perms\s*<<[^>]*/DocMDP)", data):
        return True
    try:
        catalog = pypdf.PdfReader(io.BytesIO(data)).root_object
        permissions = catalog.get("/Perms")
        return permissions is not None and "/DocMDP" in permissions.get_object()
    except Exception:  # what pypdf cannot read was searched as bytes above
        return False


def expected_words(original: Path, *, count: int = 3) -> tuple[str, ...]:
    """Up to ``count`` sensible words of four letters or more that both pdftotext and pypdf (which
    filing does not use where pdfium reads) see, the most frequent and then the longest first.
    What the pictures of signatures say ('Digitally signed by') is no text of the letter; a word cut
    by a soft hyphen is read in many ways."""
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.pdf"
        source = plain if _without_signature_fields(original, plain) else original
        code, text = run_tool("pdftotext", "-q", "-enc", "UTF-8", "-l", "20", source, "-")
    if code != 0:
        return ()
    ranked = Counter(_words(text.decode("utf-8", "replace")))
    agreed = set(_words(_text_by_pypdf(original)))  # a word that only one reader sees proves little
    ranked = Counter({word: count for word, count in ranked.items() if word in agreed})
    return tuple(sorted(ranked, key=lambda word: (-ranked[word], -len(word), word))[:count])


def _words(text: str) -> list[str]:
    return re.findall(r"(?<![^\W_])(?<!\xad)[A-Za-z][a-z]{3,14}(?![^\W_]|\xad)", text)


def _text_by_pypdf(original: Path) -> str:
    try:
        return "\n".join(page.extract_text() for page in pypdf.PdfReader(original).pages[:20])
    except Exception:
        return ""


def _without_signature_fields(original: Path, target: Path) -> bool:
    """Write a copy without signature fields; false if there are none, or pypdf cannot do it."""
    data = original.read_bytes()
    if b"/ByteRange" not in data:
        return False
    try:
        writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
        for page in writer.pages:
            kept = [a for a in page.get("/Annots", ()) if not _is_signature(a.get_object())]
            page[NameObject("/Annots")] = ArrayObject(kept)
        writer.write(target)
    except Exception:
        return False
    return True


def _is_signature(widget: DictionaryObject) -> bool:
    parent = widget.get("/Parent", DictionaryObject()).get_object()
    return "/Sig" in (widget.get("/FT"), parent.get("/FT"))


# --- the filed file beside the original ---------------------------------------------------------


def judge(original: Path, filed: Path, *, stamp: tuple[float, float], root: Path) -> Verdict:
    """Every judge's view of ``filed`` beside ``original``; ``stamp`` is the largest width and
    height, in points, of what filing may change on page 1; ``root`` is a PEM file with the root of the
    office's signer."""
    case = Case(original, filed, stamp)
    _judge_prefix(case)
    _judge_qpdf(case)
    judge_signatures(case, root)
    if unseen := _signed_unseen(case):
        _judge_unchanged(case)
        qr = ""
    else:
        seen = _judge_pdfium(case)
        qr = _judge_poppler(case, seen) or (seen.qr if seen else "")
    return Verdict(
        objections=tuple(case.objections), judged=tuple(case.judged), qr=qr, unseen=unseen
    )


def _signed_unseen(case: Case) -> bool:
    """Whether a signed original got one more signature, and that one is empty on the page."""
    try:
        before, after = (_signature_places(path) for path in (case.original, case.filed))
    except Exception:
        return False  # pypdf cannot tell: a stamp is asked for
    new = [place for place in after if place not in before]
    return bool(before) and len(new) == 1 and not any(new[0][1:])


def _signature_places(path: Path) -> list[tuple[float, ...]]:
    """The object number of each signature's widget, and its rectangle's width and height."""
    fields = pypdf.PdfReader(path).root_object["/AcroForm"].get_object()["/Fields"].get_object()
    places = []
    for field in fields:
        widget = field.get_object()
        if _is_signature(widget) and "/V" in widget:
            left, bottom, right, top = map(float, widget.get("/Rect", (0, 0, 0, 0)))
            places.append((field.idnum, right - left, top - bottom))
    return places


def _judge_unchanged(case: Case) -> None:
    """Both drawings of page 1 must be as before."""
    for judge, draw in (("pdfium-rest", _pdfium_page), ("poppler-rest", _poppler_page)):
        if (old := draw(case.original)) is None:
            continue
        new = draw(case.filed)
        same = new is not None and new.size == old.size and new.tobytes() == old.tobytes()
        case.ruling(
            judge, None if same else "page 1 is signed unseen and looks otherwise than before"
        )


def _pdfium_page(path: Path) -> Image.Image | None:
    try:
        return _picture(_first_page(pypdfium2.PdfDocument(path)))
    except pypdfium2.PdfiumError:
        return None


def _judge_prefix(case: Case) -> None:
    before = case.original.read_bytes()
    with case.filed.open("rb") as stream:
        same = stream.read(len(before)) == before and bool(stream.read(1))
    case.ruling("prefix", None if same else "the filed bytes do not begin with the original's")


def _judge_qpdf(case: Case) -> None:
    before, after = (run_tool("qpdf", "--check", path)[0] for path in (case.original, case.filed))
    worse = _severity(after) > _severity(before)
    case.ruling("qpdf", f"exit {before} became {after}" if worse else None)


def _severity(exit_code: int) -> int:
    """qpdf's exit codes from best to worst: fine, warnings, errors, crash or hang."""
    return {0: 0, 3: 1, 2: 2}.get(exit_code, 3)


# --- pdfium -------------------------------------------------------------------------------------


@attrs.frozen
class _Stamp:
    """What changed on page 1 as displayed, in points from its top left corner: the stamp."""

    box: Box
    page: tuple[float, float]
    qr: str = ""

    @property
    def dpi(self) -> int:
        left, top, right, bottom = self.box
        short = max(min(right - left, bottom - top), 0.05)
        return round(max(QR_DPI, 72 * SMALLEST_STAMP_PIXELS / short))

    @property
    def surroundings(self) -> Box:
        left, top, right, bottom = self.box
        width, height = self.page
        return (
            max(left - MARGIN, 0), max(top - MARGIN, 0),
            min(right + MARGIN, width), min(bottom + MARGIN, height),
        )  # fmt: skip


def _judge_pdfium(case: Case) -> _Stamp | None:
    try:
        before = pypdfium2.PdfDocument(case.original)
        pages = len(before)
    except pypdfium2.PdfiumError:
        return None
    try:
        after = pypdfium2.PdfDocument(case.filed)
    except pypdfium2.PdfiumError as failure:
        case.ruling("pdfium", f"opened before, not after: {failure}")
        return None
    changed = len(after) != pages
    case.ruling("pdfium", f"{pages} pages became {len(after)}" if changed else None)
    try:
        old = _picture(_first_page(before))
    except pypdfium2.PdfiumError:
        return None
    try:
        page = _first_page(after)
        new = _picture(page)
    except pypdfium2.PdfiumError as failure:
        case.ruling("pdfium-page", f"page 1 was drawn before, not after: {failure}")
        return None
    stamp = _compare(case, old, new, page.get_size())
    return _read_qr(case, page, stamp) if stamp else None


def _first_page(document: pypdfium2.PdfDocument) -> pypdfium2.PdfPage:
    document.init_forms()  # so that form fields are drawn as viewers draw them
    return document[0]


def _picture(page: pypdfium2.PdfPage) -> Image.Image:
    least, greatest = COMPARED_PIXELS
    long = max(page.get_size())
    scale = min(max(1.0, least / long), greatest / long)
    picture: Image.Image = page.render(scale=scale).to_pil()
    return picture.convert("RGB")


def _compare(
    case: Case, old: Image.Image, new: Image.Image, page: tuple[float, float]
) -> _Stamp | None:
    """Every pixel of page 1 that changed must lie in one box no larger than a stamp."""
    if old.size != new.size:
        case.ruling("pdfium-rest", f"page 1 of {old.size} became {new.size} pixels")
        return None
    box = ImageChops.difference(old, new).getbbox()
    if box is None:
        case.ruling("pdfium-rest", "page 1 looks as before")
        return None
    scale = old.width / page[0]
    left, top, right, bottom = (value / scale for value in box)
    stamp = _Stamp((left, top, right, bottom), page)
    width, height = right - left, bottom - top
    why = f"more than a stamp changed: {width:.0f} x {height:.0f} points at {left:.0f}, {top:.0f}"
    # pdfium draws fields only where there is a form, which signing adds; poppler always does.
    fits = _fits(case, box, scale) or _poppler_sees_only_the_stamp(case, page)
    case.ruling("pdfium-rest", None if fits else why)
    return stamp


def _fits(case: Case, box: tuple[int, int, int, int], scale: float) -> bool:
    """Whether a box of pixels is no larger than a stamp, as large as any viewer takes /UserUnit."""
    edge = 2 / scale  # the stamp's sides fall between pixels
    unit = _user_unit(case.original)
    width, height = (box[2] - box[0]) / scale, (box[3] - box[1]) / scale
    return width <= case.stamp[0] * unit + edge and height <= case.stamp[1] * unit + edge


def _user_unit(original: Path) -> float:
    try:
        unit = float(pypdf.PdfReader(original).pages[0].get("/UserUnit", 1))
        return max(unit, 1 / unit)
    except Exception:
        return 1.0


def _poppler_sees_only_the_stamp(case: Case, page: tuple[float, float]) -> bool:
    old, new = _poppler_page(case.original), _poppler_page(case.filed)
    if old is None or new is None or old.size != new.size:
        return False
    box = ImageChops.difference(old, new).getbbox()
    return box is not None and _fits(case, box, old.width / page[0])


def _read_qr(case: Case, page: pypdfium2.PdfPage, stamp: _Stamp) -> _Stamp:
    left, top, right, bottom = stamp.surroundings
    width, height = stamp.page
    cut = (left, height - bottom, width - right, top)
    # Where more than a stamp changed this may be a whole page, so its size is bounded.
    scale = min(stamp.dpi / 72, 4000 / max(right - left, bottom - top))
    picture = page.render(scale=scale, crop=cut).to_pil().convert("RGB")
    text, why = _decode(picture)
    case.ruling("pdfium-qr", why)
    return attrs.evolve(stamp, qr=text)


def _decode(picture: Image.Image) -> tuple[str, str | None]:
    """The text of an upright QR code in the picture, or why there is none."""
    codes = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    if not codes:
        return "", f"no QR code in {picture.size} pixels around the stamp"
    turned = codes[0].orientation
    return codes[0].text, f"the QR code is turned by {turned}°" if abs(turned) > 5 else None


# --- poppler ------------------------------------------------------------------------------------


def _judge_poppler(case: Case, stamp: _Stamp | None) -> str:
    """What poppler's drawing of the stamp reads; the whole page where pdfium gave no place."""
    text: str = ""
    why: str | None = "page 1 is not drawn"
    for picture in _poppler_pictures(case.filed, stamp):
        text, why = _decode(picture)
        if why is None:
            break
    if why is not None and _poppler_page(case.original) is None:
        return ""
    if why is None and stamp is not None and stamp.qr and stamp.qr != text:
        why = f"reads {text!r}, pdfium {stamp.qr!r}"
    case.ruling("poppler-qr", why)
    return text


def _poppler_pictures(path: Path, stamp: _Stamp | None) -> Iterator[Image.Image]:
    if stamp is not None and (part := _poppler_part(path, stamp)) is not None:
        yield part
    if (page := _poppler_page(path)) is not None:
        yield page


def _poppler_part(path: Path, stamp: _Stamp) -> Image.Image | None:
    left, top, right, bottom = (int(value * stamp.dpi / 72) for value in stamp.surroundings)
    return _pdftoppm(
        path, "-r", str(stamp.dpi), "-x", str(left), "-y", str(top),
        "-W", str(right - left), "-H", str(bottom - top),
    )  # fmt: skip


def _poppler_page(path: Path) -> Image.Image | None:
    return _pdftoppm(path, "-scale-to", "2400")


def _pdftoppm(path: Path, *options: str) -> Image.Image | None:
    command = ["pdftoppm", "-q", "-cropbox", "-f", "1", "-l", "1", "-singlefile", *options]
    code, output = run_tool(*command, path)
    if code != 0 or not output:
        return None
    return Image.open(io.BytesIO(output)).convert("RGB")
