"""Exports of paperless-ngx and tables of OpenSID, in the shapes that these write."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from sipadek.errors import InvalidInput
from sipadek.intake import (
    Fault,
    Incoming,
    read_opensid_csv,
    read_opensid_sql,
    read_paperless,
)


def document(pk: int, *, mime: str = "application/pdf", **more: Any) -> dict[str, Any]:
    fields = {
        "title": f"Surat {pk}",
        "content": "teks",
        "created": "2019-03-04T00:00:00+07:00",
        "correspondent": 3,
        "document_type": 5,
        "tags": [7, 8],
        "mime_type": mime,
        "checksum": "0" * 32,
        "archive_checksum": "1" * 32,
        "archive_serial_number": 12,
        **more,
    }
    return {
        "model": "documents.document",
        "pk": pk,
        "fields": fields,
        "__exported_file_name__": f"{pk}.pdf",
        "__exported_thumbnail_name__": f"{pk}-thumbnail.webp",
    }


@pytest.fixture
def paperless(tmp_path: Path) -> Path:
    others = [
        {"model": "documents.correspondent", "pk": 3, "fields": {"name": "Dinas Sosial"}},
        {"model": "documents.documenttype", "pk": 5, "fields": {"name": "Undangan"}},
        {"model": "documents.tag", "pk": 7, "fields": {"name": "penting"}},
        {"model": "documents.tag", "pk": 8, "fields": {"name": "arsip"}},
        {"model": "auth.user", "pk": 1, "fields": {"username": "admin"}},
    ]
    picture = document(2, mime="image/jpeg", created="2020-01-02", correspondent=None)
    picture["__exported_archive_name__"] = "2-archive.pdf"
    bare = document(4, mime="image/png")
    outside = document(5)
    outside["__exported_file_name__"] = "../x.pdf"
    documents = [picture, document(1), bare, outside, document(6, created=None)]
    (tmp_path / "manifest.json").write_text(json.dumps([*others, *documents]))
    for name in ("1.pdf", "2.pdf", "2-archive.pdf", "4.pdf", "6.pdf", "7.pdf"):
        (tmp_path / name).write_bytes(b"%PDF")
    return tmp_path


def test_documents_of_paperless(paperless: Path) -> None:
    one, two, *faults = read_paperless(paperless)
    assert one == Incoming(
        key="document:1",
        place="document 1",
        date=datetime.date(2019, 3, 4),
        subject="Surat 1",
        sender="Dinas Sosial",
        path=(paperless / "1.pdf").resolve(),
        checksum="0" * 32,
        extra={"jenis-asal": "Undangan", "tag": "arsip, penting", "asn": "12"},
    )
    assert isinstance(two, Incoming)
    assert (two.path, two.checksum) == ((paperless / "2-archive.pdf").resolve(), "1" * 32)
    assert (two.sender, two.date) == ("", datetime.date(2020, 1, 2))
    assert [each.place for each in faults] == ["document 4", "document 5", "document 6"]
    assert all(isinstance(each, Fault) for each in faults)


def test_a_split_manifest_is_read_whole(paperless: Path) -> None:
    (paperless / "json").mkdir()
    (paperless / "json" / "7-manifest.json").write_text(json.dumps([document(7)]))
    assert "document:7" in [
        each.key for each in read_paperless(paperless) if isinstance(each, Incoming)
    ]


@pytest.mark.parametrize("text", ["", "{}", "[1]", '[{"model": "x"}]', "[{]"])
def test_what_is_no_export_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidInput):
        [*read_paperless(tmp_path)]
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(InvalidInput):
        [*read_paperless(tmp_path)]


DUMP = """\
CREATE TABLE `surat_masuk` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `nomor_urut` smallint(5) DEFAULT NULL,
  `tanggal_penerimaan` date NOT NULL,
  `nomor_surat` varchar(35) DEFAULT NULL,
  `kode_surat` varchar(10) DEFAULT NULL,
  `tanggal_surat` date NOT NULL,
  `pengirim` varchar(100) DEFAULT NULL,
  `isi_singkat` varchar(200) DEFAULT NULL,
  `isi_disposisi` varchar(200) DEFAULT NULL,
  `berkas_scan` varchar(100) DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB;
INSERT INTO `surat_masuk` VALUES
(1,4,'2020-02-03','005/12','005','2020-02-01','Camat','Undangan rapat','Hadiri','scan.pdf'),
(2,5,'2020-02-03',NULL,NULL,'0000-00-00',NULL,NULL,NULL,NULL);
INSERT INTO `surat_keluar` (`id`, `nomor_urut`, `nomor_surat`, `kode_surat`, `tanggal_surat`,
 `tujuan`, `isi_singkat`, `berkas_scan`, `keterangan`) VALUES
(9, 1, '470/1', '470', '2020-05-06', 'Dinas Dukcapil', 'Laporan penduduk', NULL, 'dikirim');
INSERT INTO `tweb_surat_format` (`id`, `nama`, `kode_surat`) VALUES
 (14, 'Surat Keterangan Usaha', 'S-14');
INSERT INTO `log_surat` (`id`, `id_format_surat`, `tanggal`, `no_surat`, `nama_surat`, `deleted_at`)
 VALUES (3, 14, '2021-07-08 09:10:11', '17', 'surat_ket_usaha.rtf', NULL),
 (4, 14, '2021-07-09 09:10:11', '18', 'surat_ket_usaha.pdf', '2021-08-01 00:00:00');
"""


@pytest.fixture
def arsip(tmp_path: Path) -> Path:
    (tmp_path / "opensid.sql").write_text(DUMP)
    for name in ("scan.pdf", "surat_ket_usaha.pdf"):
        (tmp_path / name).write_bytes(b"%PDF")
    return tmp_path


def test_letters_of_opensid(arsip: Path) -> None:
    incoming, bad, outgoing, draft, printed = read_opensid_sql(arsip / "opensid.sql", folder=arsip)
    assert incoming == Incoming(
        key="surat_masuk:1",
        place="line 15 (surat_masuk 1)",
        date=datetime.date(2020, 2, 1),
        subject="Undangan rapat",
        number="005/12",
        classification="005",
        sender="Camat",
        path=(arsip / "scan.pdf").resolve(),
        extra={
            "nomor-urut-asal": "4",
            "tanggal-terima": "2020-02-03",
            "isi-disposisi": "Hadiri",
        },
    )
    assert isinstance(bad, Fault)
    assert bad.place == "line 16 (surat_masuk 2)"
    assert isinstance(outgoing, Incoming)
    assert (outgoing.number, outgoing.recipient) == ("470/1", "Dinas Dukcapil")
    assert isinstance(draft, Incoming)
    assert (draft.subject, draft.path) == ("Surat Keterangan Usaha", None)
    assert draft.extra == {"berkas-asal": "surat_ket_usaha.rtf"}
    assert isinstance(printed, Incoming)
    assert printed.path == (arsip / "surat_ket_usaha.pdf").resolve()
    assert printed.extra == {"dihapus-di-asal": "2021-08-01 00:00:00"}


def test_without_a_folder_letters_are_only_registered(arsip: Path) -> None:
    found = [*read_opensid_sql(arsip / "opensid.sql")]
    assert [each.path for each in found if isinstance(each, Incoming)] == [None] * 4


def test_a_table_of_opensid_as_csv(tmp_path: Path) -> None:
    file = tmp_path / "keluar.csv"
    file.write_text(
        "id;nomor_surat;kode_surat;tanggal_surat;tujuan;isi_singkat;berkas_scan\n"
        "9;470/1;470;2020-05-06;Dinas;Laporan;NULL\n"
    )
    (one,) = read_opensid_csv(file, table="surat_keluar")
    assert isinstance(one, Incoming)
    assert (one.key, one.place) == ("surat_keluar:9", "line 2 (surat_keluar 9)")
    with pytest.raises(InvalidInput):
        [*read_opensid_csv(file, table="penduduk")]
    file.write_text("nomor\n1\n")
    with pytest.raises(InvalidInput):
        [*read_opensid_csv(file, table="surat_keluar")]
