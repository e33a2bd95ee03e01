"""What each finding means, in Indonesian: for those who read the report, not its code."""

from __future__ import annotations

from typing import Final

_MEANINGS: Final = {
    "object-missing": "Berkas naskah terbit hilang dari tempat penyimpanan.",
    "object-altered": "Isi berkas naskah terbit berubah.",
    "object-unreadable": "Berkas naskah terbit tidak dapat dibaca dari media.",
    "original-differs": "Berkas naskah terbit tidak diawali naskah asli yang tercatat.",
    "object-unregistered": "Ada berkas yang tidak dirujuk oleh naskah mana pun.",
    "entry-differs": "Data naskah dalam register berbeda dari buku besar.",
    "series-differs": "Ketentuan seri nomor berbeda dari buku besar.",
    "letter-missing": "Naskah tercatat dalam buku besar, tetapi hilang dari register.",
    "series-missing": "Seri nomor tercatat dalam buku besar, tetapi hilang dari register.",
    "letter-unrecorded": "Naskah ada dalam register tanpa peristiwa dalam buku besar.",
    "series-unrecorded": "Seri nomor ada dalam register tanpa peristiwa dalam buku besar.",
    "entry-misplaced": "Naskah berada di urutan yang bukan urutannya.",
    "counter-differs": "Pencacah nomor tidak sama dengan nomor terakhir yang diberikan.",
    "counter-gap": "Ada nomor yang tidak dapat dipertanggungjawabkan.",
    "closed-differs": "Masa tutup buku berbeda dari buku besar.",
    "legacy-differs": "Nomor dari buku lama berbeda dari yang diimpor.",
    "text-differs": "Teks untuk pencarian berbeda dari saat naskah diterbitkan.",
    "object-not-destroyed": "Naskah yang sudah dimusnahkan masih ada di tempat penyimpanan.",
    "plan-differs": "Klasifikasi atau jadwal retensi berbeda dari yang diimpor.",
    "folder-differs": "Data berkas arsip berbeda dari buku besar.",
    "disposal-differs": "Data penyusutan arsip berbeda dari buku besar.",
    "placing-differs": "Penempatan atau pemusnahan naskah berbeda dari buku besar.",
    "event-unreadable": "Peristiwa dalam buku besar tidak terbaca atau tidak mungkin terjadi.",
    "event-misplaced": "Peristiwa dalam buku besar tidak terikat pada naskahnya.",
    "log-altered": "Buku besar diubah: ada peristiwa yang diganti, dihapus, atau ditambahkan.",
    "log-forked": "Ada dua titik uji berbeda untuk jumlah peristiwa yang sama.",
    "log-rolled-back": "Buku besar lebih pendek daripada yang pernah ditandatangani.",
    "checkpoint-invalid": "Titik uji buku besar tidak ditandatangani oleh kantor ini.",
    "checkpoint-unknown": "Titik uji yang disimpan di luar bukan milik kantor ini.",
    "meta-differs": "Basis data menyebut kantor atau versi yang lain.",
    "schema-altered": "Susunan basis data diubah.",
    "register-corrupt": "Berkas basis data rusak.",
    "index-missing": "Naskah terbit tidak dapat ditemukan melalui pencarian.",
    "index-stray": "Indeks pencarian memuat naskah yang tidak terdaftar.",
    "index-differs": "Indeks pencarian memuat kata yang berbeda dari teks yang disimpan.",
    "index-stale": "Indeks pencarian dibuat dengan analisis versi lain.",
    "recognition-differs": "Halaman yang dibaca mesin berbeda dari yang tercatat dalam buku besar.",
    "index-damaged": "Indeks pencarian rusak.",
    "key-differs": "Kunci publik untuk pemeriksa bukan pasangan kunci kantor.",
    "root-unreadable": "Berkas sertifikat induk tidak dapat dibaca.",
    "root-unrecorded": "Ada sertifikat induk yang kepercayaannya tidak pernah dicatat.",
    "root-missing": "Sertifikat induk yang dipercaya hilang.",
    "signature-missing": "Naskah tercatat bertanda tangan, tetapi berkasnya tidak.",
    "signature-invalid": "Tanda tangan elektronik dalam berkas tidak dapat diverifikasi.",
    "signature-expired": "Sertifikat atau stempel waktu yang menjamin tanda tangan sudah berakhir.",
    "signature-expiring": "Sertifikat atau stempel waktu yang menjamin tanda tangan segera berakhir.",
    "signature-untrusted": "Penerbit sertifikat penanda tangan tidak dipercaya kantor ini.",
    "case-differs": "Data urusan dalam register berbeda dari buku besar.",
    "case-missing": "Urusan tercatat dalam buku besar, tetapi hilang dari register.",
    "case-unrecorded": "Urusan ada dalam register tanpa peristiwa dalam buku besar.",
    "case-misplaced": "Urusan berada di urutan yang bukan urutannya.",
    "case-unreadable": "Langkah-langkah suatu urusan tidak mungkin saling menyusul.",
    "disk-low": "Ruang penyimpanan hampir habis.",
}


def meaning(code: str) -> str:
    """One sentence for a finding's code; the code itself where none is known."""
    return _MEANINGS.get(code, code)
