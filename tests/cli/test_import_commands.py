"""Bringing letters in on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from command_line import Run

WHO = ("--source", "lama", "--actor", "Ani")


def test_a_folder_is_imported_once(
    run: Run, office: Path, pdf: Callable[..., Path], tmp_path: Path
) -> None:
    pdf("domisili", name="a.pdf")
    table = tmp_path / "daftar.csv"
    table.write_text("Scan;Tanggal;Hal;Map\na.pdf;4/3/2019;Undangan;12\nb.pdf;4/3/2019;Hilang;\n")
    told = ("--column", "file=Scan", "--extra", "Map", "--unit", "KEL")
    first = run("import-folder", office, table, *WHO, *told)
    assert first.code == 1
    assert "line 3" in first.out
    assert "1 imported, 0 were there before, 1 refused" in first.out
    again = run("import-folder", office, table, *WHO, *told, "--json")
    assert again.value["before"] == 1
    letter = again.value["letters"][0]["letter"]
    assert letter["unit"] == "KEL"
    assert letter["extra"] == {"asal": "lama", "map": "12"}
    assert again.value["letters"][1]["error"]["code"] == "invalid-input"
    wrong = run("import-folder", office, table, *WHO, "--series", "ket")
    assert wrong.code == 2


def test_paperless_and_opensid(
    run: Run, office: Path, pdf: Callable[..., Path], tmp_path: Path
) -> None:
    export = tmp_path / "ekspor"
    export.mkdir()
    pdf("satu").rename(export / "1.pdf")
    fields = {"title": "Satu", "created": "2019-03-04", "mime_type": "application/pdf"}
    record = {"model": "documents.document", "pk": 1, "fields": fields}
    manifest = [{**record, "__exported_file_name__": "1.pdf"}]
    (export / "manifest.json").write_text(json.dumps(manifest))
    assert run("import-paperless", office, export, *WHO).code == 0
    assert run("import-paperless", office, tmp_path, *WHO).code == 2  # no manifest
    dump = tmp_path / "desa.sql"
    dump.write_text(
        "INSERT INTO surat_keluar (id, nomor_surat, tanggal_surat, isi_singkat) VALUES"
        " (1, '470/1', '2020-01-02', 'Laporan');"
    )
    assert run("import-opensid", office, dump, *WHO).code == 0
    assert run("import-opensid", office, dump, *WHO, "--table", "surat_keluar").code == 2
    table = tmp_path / "desa.csv"
    table.write_text("id,nomor_surat,tanggal_surat,isi_singkat\n1,470/1,2020-01-02,Laporan\n")
    csv = run("import-opensid", office, table, *WHO, "--table", "surat_keluar", "--json")
    assert (csv.code, csv.value["before"]) == (0, 1)  # the same letter, by the same key
    assert run("search", office, "470/1", "--json").value["total"] == 1
