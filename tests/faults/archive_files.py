"""Damage to files: bytes, lengths, names, and whole folders from another time."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

from archive_place import NOW
from archive_rows import Damage
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from sipadek.errors import SipadekError
from sipadek.ledger import CheckpointKey
from sipadek.testing.authority import Authority
from sipadek.testing.pdfs import PdfRecipe, build

REGISTER = ("register", "search index", "event log", "database", "letter", "series", "counter")
_ROOTS = Authority.create(now=NOW, key="p256")


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.stat().st_size)


def _object_files(folder: Path) -> list[Path]:
    return [path for path in _files(folder / "objects") if len(path.name) == 64]


def _told(folder: Path, path: Path) -> str:
    return str(path.relative_to(folder))


def _damage(folder: Path, path: Path, what: str, before: bytes) -> Damage:
    """What must name a change of the file at ``path``."""
    what = f"{_told(folder, path)}: {what}"
    after = path.read_bytes() if path.exists() else b""
    if path.name.startswith("register.sqlite"):
        return Damage(what, ("",), changed=None, kept=path.suffix == ".sqlite-wal")
    if path.parent.parent.name == "objects":
        return Damage(what, (path.name,))
    if path.name == "checkpoint.key":
        return Damage(what, ("key", "is that of"), changed=_key(before) != _key(after))
    if path.name == "checkpoint.pub":
        return Damage(what, ("checkpoint.pub",), changed=path.exists())
    if path.suffix == ".pem":
        return Damage(what, (path.stem,), changed=_root(before) != _root(after))
    return Damage(what, ("",), changed=False)  # The lock's file: nobody reads what is in it.


def _key(data: bytes) -> object:
    name, _, pem = data.partition(b"\n")
    try:
        key = CheckpointKey.from_pem(pem, name.decode("ascii", "replace"))
        return name, key.verifier.public
    except SipadekError:
        return None


def _root(data: bytes) -> object:
    try:
        return x509.load_pem_x509_certificate(data).fingerprint(hashes.SHA256())
    except ValueError:
        return None


def _drawn(folder: Path, chance: random.Random) -> Path:
    """A file: every second time the register, since most is in it."""
    files = _files(folder)
    register = [path for path in files if path.name.startswith("register.sqlite")]
    return chance.choice(register if chance.random() < 0.5 else files)


def byte_flipped(folder: Path, chance: random.Random) -> Damage:
    """One byte of any file."""
    path = _drawn(folder, chance)
    before = path.read_bytes()
    data = bytearray(before)
    at = chance.randrange(len(data))
    data[at] ^= chance.randrange(1, 256)
    _write(path, bytes(data))
    return _damage(folder, path, f"byte {at} was {before[at]:#x}, is {data[at]:#x}", before)


def truncated(folder: Path, chance: random.Random) -> Damage:
    """The end of any file is gone."""
    path = _drawn(folder, chance)
    before = path.read_bytes()
    length = chance.choice([0, chance.randrange(len(before)), len(before) - 1])
    _write(path, before[:length])
    return _damage(folder, path, f"{length} of {len(before)} bytes are left", before)


def zeroed(folder: Path, chance: random.Random) -> Damage:
    """A block of 512 bytes of any file is zeros, as a failing disk leaves it."""
    path = _drawn(folder, chance)
    before = path.read_bytes()
    at = chance.randrange(len(before)) // 512 * 512
    data = before[:at] + bytes(len(before[at : at + 512])) + before[at + 512 :]
    _write(path, data)
    damage = _damage(folder, path, f"512 bytes at {at} are zeros", before)
    return damage if data != before else Damage(damage.what, damage.names, changed=False)


def file_lost(folder: Path, chance: random.Random) -> Damage:
    """Any file is gone."""
    path = _drawn(folder, chance)
    before = path.read_bytes()
    path.unlink()
    damage = _damage(folder, path, "gone", before)
    if path.name == "register.sqlite":
        return Damage(damage.what, ("register.sqlite",))
    return damage


def object_lost(folder: Path, chance: random.Random) -> Damage:
    """An object is not there."""
    path = chance.choice(_object_files(folder))
    path.unlink()
    return Damage(f"{path.name} gone", (path.name,))


def object_swapped(folder: Path, chance: random.Random) -> Damage:
    """Two objects stand under each other's name."""
    one, two = chance.sample(_object_files(folder), 2)
    data = one.read_bytes()
    _write(one, two.read_bytes())
    _write(two, data)
    return Damage(f"{one.name} and {two.name} swapped", (one.name,))


def object_replaced(folder: Path, chance: random.Random) -> Damage:
    """Another PDF stands under an object's name."""
    path = chance.choice(_object_files(folder))
    new = build(PdfRecipe(texts=(f"surat lain {chance.random()}",)))
    longer = path.read_bytes() + chance.choice([b"\n", b"%%EOF\n", new])
    _write(path, chance.choice([new, longer]))
    return Damage(f"{path.name} replaced", (path.name,))


def object_added(folder: Path, chance: random.Random) -> Damage:
    """An object that no letter refers to."""
    name = f"{chance.getrandbits(256):064x}"
    path = folder / "objects" / name[:2] / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(build(PdfRecipe(texts=("selundupan",))))
    return Damage(f"{name} added", (name,))


def root_planted(folder: Path, chance: random.Random) -> Damage:
    """A root that nobody trusted lies among the trusted ones, or took a trusted one's place."""
    roots = folder / "keys" / "roots"
    pem = _ROOTS.root.public_bytes(Encoding.PEM)
    fingerprint = _ROOTS.root.fingerprint(hashes.SHA256()).hex()
    name = fingerprint if chance.random() < 0.5 else next(roots.iterdir()).stem
    (roots / f"{name}.pem").write_bytes(pem)
    return Damage(f"a root planted as {name}", (fingerprint,))


def key_replaced(folder: Path, chance: random.Random) -> Damage:
    """The office's key is another one, of the same or of another name."""
    path = folder / "keys" / "checkpoint.key"
    name = path.read_bytes().partition(b"\n")[0].decode()
    made = CheckpointKey.generate(chance.choice([name, "sipadek-0123456789abcdef"]))
    path.write_bytes(f"{made.name}\n".encode() + made.to_pem())
    return Damage(f"the key is another one, named {made.name}", ("key", "is that of", "head"))


def folder_older(folder: Path, chance: random.Random, older: tuple[Path, ...]) -> Damage:
    """The whole folder is as it was some time ago."""
    source = chance.choice(older)
    shutil.rmtree(folder)
    shutil.copytree(source, folder)
    return Damage(f"the folder is {source.name}", ("older-state",), kept=True)


def register_older(folder: Path, chance: random.Random, older: tuple[Path, ...]) -> Damage:
    """Only the register is as it was some time ago; the objects are of today."""
    source = chance.choice(older)
    for path in folder.glob("register.sqlite*"):
        path.unlink()
    for path in source.glob("register.sqlite*"):
        shutil.copy(path, folder / path.name)
    return Damage(f"the register is {source.name}", ("older-state",), kept=True)


def _write(path: Path, data: bytes) -> None:
    path.chmod(0o600)
    path.write_bytes(data)
