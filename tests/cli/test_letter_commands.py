"""file, search, show, original, verify, void."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
from command_line import DETAILS, Keys, Ran, Run

from sipadek.archive import Letter, LetterDetails

Pdf = Callable[..., Path]
LETTER = {
    *("id", "number", "state", "series", "sequence", "counter", "date", "subject", "unit"),
    *("classification", "kind", "secrecy", "key", "original_digest", "original_size"),
    *("filed_digest", "filed_size", "signer", "reserved_at", "issued_at", "void_reason"),
    *("post", "extra", "insertion", "stock", "paper", "actor", "reason", "expires_at"),
}
NUMBER = "400.12.2.1/001/KEL-LEGOK/2026"
DATED = (*DETAILS, "--date", "2026-03-05")


def only(ran: Ran) -> dict[str, object]:
    """The one letter of a file command's document."""
    assert (ran.code, ran.err) == (0, "")
    (each,) = ran.value["letters"]
    assert set(each) == {"source", "result", "letter", "error"}
    letter: dict[str, object] = each["letter"]
    return letter


# --- file -----------------------------------------------------------------------------------------


def test_a_letter_is_filed_with_all_its_details(
    run: Run, office: Path, pdf: Pdf, keys: Keys
) -> None:
    details = [
        "--subject",
        "Domisili: Siti",
        "--kind",
        "SKD",
        "--secrecy",
        "T",
        "--key",
        "permohonan-7",
    ]

    letter = only(run("file", office, pdf(), *DATED, *details, *keys.options, "--json"))

    assert set(letter) == LETTER
    expected = {
        "number": NUMBER,
        "state": "issued",
        "series": "ket",
        "sequence": 1,
        "date": "2026-03-05",
        "subject": "Domisili: Siti",
        "unit": "KEL-LEGOK",
        "classification": "400.12.2.1",
        "kind": "SKD",
        "secrecy": "T",
        "key": "permohonan-7",
        "void_reason": "",
    }
    assert {name: letter[name] for name in expected} == expected
    assert "Siti Contoh" in str(letter["signer"])
    at = datetime.datetime.fromisoformat(str(letter["issued_at"]))
    assert abs(at - datetime.datetime.now(datetime.UTC)) < datetime.timedelta(minutes=5)


def test_the_documents_name_everything_the_register_holds() -> None:
    held = {field.name for each in (Letter, LetterDetails) for field in attrs.fields(each)}
    assert held - {"details"} == LETTER


def test_many_files_get_numbers_in_their_order(run: Run, office: Path, pdf: Pdf) -> None:
    paths = [pdf(f"Surat {n}", f"surat-{n}.pdf") for n in range(5)]

    ran = run("file", office, *paths, *DATED, "--workers", 2)

    assert ran.code == 0
    assert ran.rows == [
        [f"400.12.2.1/{n:03}/KEL-LEGOK/2026", "2026-03-05", "filed", str(path)]
        for n, path in enumerate(paths, start=1)
    ]
    shown = run("show", office, "400.12.2.1/003/KEL-LEGOK/2026", "--json").value
    assert shown["subject"] == "surat-2"


def test_a_file_filed_again_keeps_its_number(run: Run, office: Path, pdf: Pdf) -> None:
    first, second = (run("file", office, pdf(), *DATED) for _ in range(2))

    assert (first.rows[0][0], first.rows[0][2]) == (NUMBER, "filed")
    assert (second.code, second.rows[0][0], second.rows[0][2]) == (0, NUMBER, "filed before")


def test_a_refused_file_costs_only_itself(run: Run, office: Path, pdf: Pdf, tmp_path: Path) -> None:
    notes = tmp_path / "catatan.pdf"
    notes.write_text("bukan PDF")
    paths = [pdf("satu", "satu.pdf"), notes, pdf("dua", "dua.pdf")]

    told = run("file", office, *paths, *DATED)
    ran = run("file", office, *paths, *DATED, "--json")

    assert told.code == ran.code == 1
    assert [row[3] for row in told.rows] == [str(paths[0]), str(paths[2])]
    assert told.err.startswith(f"sipadek: {notes} is refused: ")
    assert len(told.err.splitlines()) == 1
    assert (ran.value["filed"], ran.value["refused"]) == (2, 1)
    results = [(each["source"], each["result"]) for each in ran.value["letters"]]
    assert results == list(
        zip(map(str, paths), ["filed before", "refused", "filed before"], strict=True)
    )
    assert ran.value["letters"][1]["error"]["code"] == "not-a-pdf"
    assert ran.value["letters"][1]["letter"] is None


def test_what_was_typed_wrong_is_no_refusal(run: Run, office: Path, pdf: Pdf) -> None:
    """The pattern needs a unit: nothing is wrong with the file, so the exit code is 2."""
    ran = run("file", office, pdf(), "--series", "ket", "--classification", "400")

    assert ran.code == 2
    assert "unit" in ran.err


def test_pem_keys_and_their_passphrase(run: Run, office: Path, pdf: Pdf, keys: Keys) -> None:
    options = ["--certificate", keys.certificate, "--key-file", keys.key]

    letter = only(
        run("file", office, pdf(), *DATED, *options, "--passphrase-file", keys.passphrase, "--json")
    )

    assert "Siti Contoh" in str(letter["signer"])


def test_an_encrypted_original_needs_its_password(
    run: Run, office: Path, pdf: Pdf, tmp_path: Path
) -> None:
    locked = pdf("Rahasia", "terkunci.pdf", encryption="AES-128", user_password="buka")
    secret = tmp_path / "sandi"
    secret.write_text("buka\n")

    without = run("file", office, locked, *DATED, "--json")
    with_it = run("file", office, locked, *DATED, "--pdf-password-file", secret)

    assert without.code == 1
    assert without.value["letters"][0]["error"]["code"] == "encrypted-pdf"
    assert with_it.code == 0


def test_a_secret_is_never_shown(
    run: Run, office: Path, pdf: Pdf, keys: Keys, tmp_path: Path
) -> None:
    wrong = tmp_path / "salah"
    wrong.write_text("bukan-sandi-itu")

    ran = run(
        "file", office, pdf(), *DATED, "--pkcs12", keys.pkcs12, "--passphrase-file", wrong, "--json"
    )

    assert (ran.code, ran.value["error"]["code"]) == (2, "key-unusable")
    assert "bukan-sandi-itu" not in ran.out + ran.err


# --- search ---------------------------------------------------------------------------------------


@pytest.fixture
def filed(run: Run, office: Path, pdf: Pdf) -> Path:
    for n, unit, secrecy in ((1, "KEL-LEGOK", "B"), (2, "KEL-MURNI", "B"), (3, "KEL-LEGOK", "R")):
        path = pdf(f"Keterangan <domisili> & usaha nomor {n}", f"surat-{n}.pdf")
        options = ("--unit", unit, "--secrecy", secrecy, "--subject", f"Perihal\tke-{n}")
        assert run("file", office, path, *DATED, *options).code == 0
    return office


def test_hits_have_their_letters_and_snippets(run: Run, filed: Path) -> None:
    ran = run("search", filed, "domisili", "--limit", 2, "--json")

    assert ran.code == 0
    assert {name: ran.value[name] for name in ("total", "offset", "limit")} == {
        "total": 3,
        "offset": 0,
        "limit": 2,
    }
    assert len(ran.value["hits"]) == 2
    for hit in ran.value["hits"]:
        assert set(hit) == {"letter", "snippet", "page", "partial", "recognised", "score"}
        assert set(hit["letter"]) == LETTER
        assert "&lt;<mark>domisili</mark>&gt; &amp;" in hit["snippet"]
    rest = run("search", filed, "domisili", "--offset", 2, "--json").value["hits"]
    assert len(rest) == 1


def test_rows_can_be_cut_and_snippets_are_text(run: Run, filed: Path) -> None:
    ran = run("search", filed, '"nomor 2"')

    (row,) = ran.rows
    assert row[:4] == ["400.12.2.1/001/KEL-MURNI/2026", "2026-03-05", "KEL-MURNI", "Perihal ke-2"]
    assert "<domisili> & usaha" in row[4]


def test_a_viewer_sees_only_what_is_theirs(run: Run, filed: Path) -> None:
    def units(*options: str) -> list[str]:
        hits = run("search", filed, "domisili", *options, "--json").value["hits"]
        return sorted(hit["letter"]["unit"] for hit in hits)

    assert units("--unit", "KEL-MURNI") == ["KEL-MURNI"]
    assert units("--unit", "KEL-MURNI", "--unit", "KEL-LEGOK", "--clearance", "B") == [
        "KEL-LEGOK",
        "KEL-MURNI",
    ]


def test_finding_nothing_is_a_no(run: Run, filed: Path) -> None:
    ran, told = run("search", filed, "xyzzy", "--json"), run("search", filed, "xyzzy")
    beyond = run("search", filed, "domisili", "--offset", 9)

    assert (ran.code, ran.value["total"], ran.value["hits"]) == (1, 0, [])
    assert (told.code, told.out) == (1, "")
    assert "no letter matches 'xyzzy'" in told.err
    assert (beyond.code, "beyond the first 9" in beyond.err) == (1, True)


def test_near_words_are_shown_and_told(run: Run, filed: Path) -> None:
    ran, told = run("search", filed, "domisli", "--json"), run("search", filed, "domisli")

    assert (ran.code, ran.value["total"], ran.value["suggestion"]) == (0, 3, "domisili")
    assert (told.code, len(told.rows)) == (0, 3)
    assert "no letter matches 'domisli'; shown is what matches 'domisili'" in told.err
    assert run("search", filed, "domisili", "--json").value["suggestion"] == ""


# --- show, original, verify, void -----------------------------------------------------------------


def test_a_letter_is_shown_by_number_and_by_id(run: Run, filed: Path) -> None:
    by_number = run("show", filed, NUMBER, "--json").value

    assert run("show", filed, by_number["id"], "--json").value == by_number
    shown = dict(line.split(":\t") for line in run("show", filed, NUMBER).out.splitlines())
    assert shown["Number"] == NUMBER
    assert shown["Secrecy"] == "B (Biasa)"
    assert "Reason" not in shown


@pytest.mark.parametrize("filed_too", [False, True])
def test_original_and_filed_pdf_come_out_of_the_office(
    run: Run, filed: Path, tmp_path: Path, filed_too: bool
) -> None:
    original = (tmp_path / "surat-1.pdf").read_bytes()
    copy = tmp_path / "keluar.pdf"
    options = ["--filed"] if filed_too else []

    ran = run("original", filed, NUMBER, "-o", copy, *options, "--json")

    letter = run("show", filed, NUMBER, "--json").value
    data = copy.read_bytes()
    assert data[: len(original)] == original
    assert (len(data) > len(original)) == filed_too
    which = "filed" if filed_too else "original"
    assert ran.value == {
        "number": NUMBER,
        "path": str(copy),
        "size": letter[f"{which}_size"],
        "digest": letter[f"{which}_digest"],
    }
    assert hashlib.sha256(data).hexdigest() == letter[f"{which}_digest"]


def test_a_damaged_original_is_not_given_out(run: Run, filed: Path, tmp_path: Path) -> None:
    letter = run("show", filed, NUMBER, "--json").value
    (kept,) = (filed / "objects").rglob(letter["filed_digest"])
    kept.chmod(0o644)
    data = bytearray(kept.read_bytes())
    data[100] ^= 1
    kept.write_bytes(data)

    ran = run("original", filed, NUMBER, "-o", tmp_path / "keluar.pdf", "--json")

    assert (ran.code, ran.value["error"]["code"]) == (1, "damaged-object")
    assert not (tmp_path / "keluar.pdf").exists()


@pytest.fixture
def signed(run: Run, office: Path, pdf: Pdf, keys: Keys, tmp_path: Path) -> Path:
    """The path of a signed letter's filed PDF."""
    assert run("trust", office, keys.root).code == 0
    assert run("file", office, pdf(), *DATED, *keys.options).code == 0
    path = tmp_path / "terbit.pdf"
    assert run("original", office, NUMBER, "--filed", "-o", path).code == 0
    return path


def test_a_signed_letter_verifies(run: Run, office: Path, signed: Path) -> None:
    ran, told = run("verify", office, signed, "--json"), run("verify", office, signed)

    assert ran.code == told.code == 0
    assert (ran.value["verified"], ran.value["letter"]["number"]) == (True, NUMBER)
    (signature,) = ran.value["signatures"]
    assert signature["entire_file"] is True
    assert "Siti Contoh" in signature["signer"]
    assert "Siti Contoh (CONTOH)" in told.out


def test_any_altered_byte_is_refused(run: Run, office: Path, signed: Path) -> None:
    whole = signed.read_bytes()
    for place in range(20, len(whole), len(whole) // 5):
        data = bytearray(whole)
        data[place] ^= 1
        signed.write_bytes(data)

        ran = run("verify", office, signed, "--json")

        assert (ran.code, set(ran.value)) == (1, {"error"}), place
        assert len(ran.err.splitlines()) == 1


def test_a_letter_of_elsewhere_is_not_registered(
    run: Run, office: Path, signed: Path, keys: Keys, tmp_path: Path
) -> None:
    other = tmp_path / "lain"
    run("init", other)

    ran = run("verify", other, signed, "--trust", keys.root, "--json")

    assert (ran.code, ran.value["error"]["code"]) == (1, "not-registered")


def test_a_void_letter_does_not_verify(run: Run, office: Path, signed: Path) -> None:
    voided = run("void", office, NUMBER, "--reason", "salah alamat", "--json")

    assert voided.code == 0
    assert (voided.value["state"], voided.value["void_reason"]) == ("void", "salah alamat")
    ran = run("verify", office, signed, "--json")
    assert (ran.code, ran.value["error"]["code"]) == (1, "letter-void")
    assert "Reason:\tsalah alamat" in run("show", office, NUMBER).out
    assert run("search", office, "domisili").code == 1


def test_any_signed_file_verifies_without_an_office(run: Run, signed: Path, keys: Keys) -> None:
    told = run("verify", signed, "--trust", keys.root)
    assert told.code == 0
    assert "Ditandatangani oleh" in told.out
    value = run("verify", signed, "--trust", keys.root, "--json").value
    assert [each["level"] for each in value["signatures"]] == ["B-B"]
    assert run("verify", signed).code == 1
