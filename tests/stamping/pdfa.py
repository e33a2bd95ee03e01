"""A small PDF/A made here, and PDFBox's opinion of PDF/A-1b files where Debian's jars are installed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

JARS = [
    Path("/usr/share/java", f"{name}.jar")
    for name in ("preflight", "pdfbox2", "fontbox2", "xmpbox", "commons-logging")
]
_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"><pdfaid:part>%d</pdfaid:part>
<pdfaid:conformance>B</pdfaid:conformance></rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


def pdfa(part: int = 1) -> bytes:
    """An empty page that claims PDF/A-1b, 2b or 3b."""
    xmp = (_XMP % part).encode()
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R/Metadata 4 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents 5 0 R>>",
        b"<</Type/Metadata/Subtype/XML/Length %d>>\nstream\n%s\nendstream" % (len(xmp), xmp),
        b"<</Length 4>>\nstream\nq\nQ\n\nendstream",
    ]
    out = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    rows = [b"0000000000 65535 f \n"]
    for number, body in enumerate(bodies, 1):
        rows.append(b"%010d 00000 n \n" % len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    identifier = b"<" + b"5a" * 16 + b">"
    trailer = b"<</Size 6/Root 1 0 R/ID[%s%s]>>" % (identifier, identifier)
    table = b"xref\n0 6\n%strailer\n%s\n" % (b"".join(rows), trailer)
    return out + table + b"startxref\n%d\n%%%%EOF\n" % len(out)


def missing() -> str:
    """What is not installed of what `judged` needs; empty where nothing is."""
    lacking = [jar.name for jar in JARS if not jar.exists()]
    lacking += [name for name in ("javac", "java") if not shutil.which(name)]
    return ", ".join(lacking)


def judged(folder: Path, paths: Sequence[Path]) -> list[str]:
    """What PDFBox preflight says of each file: 'valid', or what is wrong with it as PDF/A-1b."""
    here = Path(__file__).parent
    sources = [str(path) for path in sorted((here / "preflight").glob("*.java"))]
    jars = ":".join(map(str, JARS))
    subprocess.run(["javac", "-cp", jars, "-d", str(folder), *sources], check=True)
    ended = subprocess.run(
        ["java", "-cp", f"{folder}:{jars}", "Preflight"],
        input="\n".join(map(str, paths)), capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return ended.stdout.splitlines()
