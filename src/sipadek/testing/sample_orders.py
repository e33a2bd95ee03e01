"""Sample letters that order, announce or record: assignments, circulars, decisions, minutes."""

from __future__ import annotations

from typing import Any

from sipadek.testing.sample_draft import Draft, prose, titled
from sipadek.testing.sample_world import World, long_date

__all__ = ["ORDERS"]


def assignment(world: World) -> Draft:
    unit = world.agency(world.pick(("DISKOMINFO", "DISDUKCAPIL", "DINSOS")))
    staff = [world.official("") for _ in range(world.number(2, 3))]
    task = world.pick(
        (
            "pendampingan penggunaan aplikasi persuratan elektronik",
            "pendataan penerima bantuan sosial",
            "perekaman data kependudukan keliling",
        )
    )
    target = world.ward()
    day = world.later(2, 9)
    rows = [
        [
            str(i + 1),
            s.name,
            s.staff_number,
            s.rank,
            world.pick(("Analis Kebijakan", "Pranata Komputer", "Arsiparis")),
        ]
        for i, s in enumerate(staff)
    ]
    blocks: list[Any] = [
        {
            "clauses": [
                [
                    "Dasar",
                    [
                        f"Program kerja {unit.name} Kota Jambi Tahun Anggaran {world.date.year};",
                        f"Surat Lurah {target.name} tanggal {long_date(world.earlier(3, 12))}"
                        " tentang permohonan bantuan tenaga.",
                    ],
                ]
            ]
        },
        {"middle": "MENUGASKAN:"},
        {
            "table": {
                "head": ["No.", "Nama", "NIP", "Pangkat/Gol.", "Jabatan"],
                "rows": rows,
                "widths": [0.5, 2.6, 2.2, 1.6, 1.5],
            }
        },
        {
            "clauses": [
                [
                    "Untuk",
                    [
                        f"melaksanakan {task} di Kelurahan {target.name} pada hari {day};",
                        "melaporkan hasil pelaksanaan tugas secara tertulis paling lambat 3"
                        " (tiga) hari kerja setelah tugas selesai;",
                        "melaksanakan tugas ini dengan penuh tanggung jawab.",
                    ],
                ]
            ]
        },
        prose("Demikian surat tugas ini dibuat untuk dilaksanakan sebagaimana mestinya."),
    ]
    return Draft(
        kind="surat-tugas",
        classification="800.1.11.1",
        unit=unit,
        subject=f"Surat tugas {task} di Kelurahan {target.name}",
        content=titled(world, unit, "SURAT TUGAS", blocks, copies=[f"Lurah {target.name}"]),
        words=("MENUGASKAN", staff[0].name, task, target.name),
    )


def circular(world: World) -> Draft:
    unit = world.agency("DISKOMINFO")
    month = long_date(world.date).split(" ", 1)[1]
    about = "PENGGUNAAN NASKAH DINAS ELEKTRONIK PADA KECAMATAN DAN KELURAHAN"
    blocks: list[Any] = [
        prose("Yth. Para Camat dan Lurah se-Kota Jambi", indent=False),
        prose(
            """Dalam rangka mempercepat pelayanan administrasi serta mewujudkan tertib arsip,
            bersama ini disampaikan hal-hal sebagai berikut:"""
        ),
        {
            "list": [
                f"Mulai bulan {month} seluruh surat keluar kecamatan dan kelurahan diberi"
                " nomor melalui sistem persuratan, tidak lagi melalui buku agenda manual.",
                "Surat yang telah bernomor ditandatangani dengan tanda tangan elektronik"
                " tersertifikasi; stempel bergambar kode QR saja bukan tanda tangan"
                " elektronik.",
                "Nomor yang batal dipakai tetap tercatat beserta alasannya dan tidak boleh"
                " digunakan kembali.",
                "Setiap unit menunjuk paling sedikit 1 (satu) orang operator dan"
                f" melaporkannya paling lambat {world.later(7, 14)}.",
                "Pelayanan surat keterangan bagi warga tidak dipungut biaya.",
            ]
        },
        prose("Demikian surat edaran ini untuk dilaksanakan dengan penuh tanggung jawab."),
    ]
    return Draft(
        kind="surat-edaran",
        classification="000.8.3.2",
        unit=unit,
        subject="Edaran penggunaan naskah dinas elektronik pada kecamatan dan kelurahan",
        content=titled(
            world,
            unit,
            "SURAT EDARAN",
            blocks,
            about=about,
            decided=True,
            copies=["Wali Kota Jambi", "Sekretaris Daerah Kota Jambi"],
        ),
        words=("tanda tangan elektronik tersertifikasi", "tidak dipungut biaya", month),
    )


def announcement(world: World) -> Draft:
    unit = world.ward()
    activity, place = world.pick(
        (
            ("pengasapan nyamuk demam berdarah", "seluruh RT"),
            ("imunisasi campak dan polio", "Posyandu Contoh Kasih"),
            ("pemeriksaan kesehatan lanjut usia", "Balai Pertemuan Kelurahan"),
            ("donor darah sukarela", "Kantor Lurah"),
        )
    )
    day, hour = world.later(3, 10), world.clock()
    street = world.person().address.split(" Nomor")[0]
    blocks = [
        prose(
            f"""Diberitahukan kepada seluruh warga Kelurahan {unit.name} bahwa akan dilaksanakan
            kegiatan {activity} dengan jadwal sebagai berikut:"""
        ),
        {
            "fields": [
                ["Hari, Tanggal", day],
                ["Waktu", hour[0].upper() + hour[1:]],
                ["Tempat", f"{place}, {street}"],
                ["Biaya", "Gratis"],
            ]
        },
        prose(
            """Warga diimbau membawa Kartu Tanda Penduduk dan menyampaikan pengumuman ini kepada
            tetangga sekitar."""
        ),
        prose("Demikian pengumuman ini disampaikan agar menjadi perhatian."),
    ]
    return Draft(
        kind="pengumuman",
        classification="400.7",
        unit=unit,
        subject=f"Pengumuman kegiatan {activity}",
        content=titled(world, unit, "PENGUMUMAN", blocks, about=f"KEGIATAN {activity.upper()}"),
        words=("diimbau", activity, day, unit.name),
    )


def decision(world: World) -> Draft:
    unit = world.ward()
    members = [world.person(ages=(25, 60), ward=unit) for _ in range(8)]
    posts = ("Ketua", "Sekretaris", "Bendahara") + ("Anggota",) * 5
    team = world.pick(
        (
            "Tim Siaga Banjir",
            "Kelompok Sadar Arsip",
            "Tim Pelayanan Keliling",
            "Satuan Tugas Kebersihan",
        )
    )
    rows = [
        [str(i + 1), p.name, p.trade, post]
        for i, (p, post) in enumerate(zip(members, posts, strict=True))
    ]
    blocks = [
        {"middle": f"LURAH {unit.name.upper()},"},
        {
            "clauses": [
                [
                    "Menimbang",
                    [
                        "bahwa untuk meningkatkan peran serta masyarakat Kelurahan"
                        f" {unit.name} perlu dibentuk {team};",
                        "bahwa nama-nama dalam lampiran keputusan ini dipandang cakap dan"
                        " bersedia melaksanakan tugas;",
                        "bahwa berdasarkan pertimbangan sebagaimana dimaksud pada huruf a dan"
                        " huruf b perlu menetapkan Keputusan Lurah.",
                    ],
                ],
                [
                    "Mengingat",
                    [
                        "Undang-Undang Nomor 23 Tahun 2014 tentang Pemerintahan Daerah;",
                        "Peraturan Pemerintah Nomor 17 Tahun 2018 tentang Kecamatan.",
                    ],
                ],
            ]
        },
        {"middle": "MEMUTUSKAN:"},
        {
            "clauses": [
                ["Menetapkan", [f"KEPUTUSAN LURAH TENTANG PEMBENTUKAN {team.upper()}."]],
                [
                    "KESATU",
                    [
                        f"Membentuk {team} Kelurahan {unit.name} dengan susunan sebagaimana"
                        " tercantum dalam lampiran."
                    ],
                ],
                [
                    "KEDUA",
                    [
                        "Tim bertugas menyusun rencana kerja, melaksanakan kegiatan, dan"
                        " melapor kepada Lurah setiap 3 (tiga) bulan."
                    ],
                ],
                ["KETIGA", ["Keputusan ini mulai berlaku pada tanggal ditetapkan."]],
            ]
        },
    ]
    annexes = [
        {
            "page": [
                f"Lampiran Keputusan Lurah {unit.name}",
                f"Tanggal : {long_date(world.date)}",
                f"Tentang : Pembentukan {team}",
            ]
        },
        {"middle": f"SUSUNAN {team.upper()}"},
        {
            "table": {
                "head": ["No.", "Nama", "Pekerjaan", "Kedudukan"],
                "rows": rows,
                "widths": [0.5, 3, 2.4, 1.6],
            }
        },
    ]
    content = titled(
        world,
        unit,
        f"KEPUTUSAN LURAH {unit.name.upper()}",
        blocks,
        decided=True,
        about=f"PEMBENTUKAN {team.upper()}",
        annexes=annexes,
        size=11,
    )
    return Draft(
        kind="keputusan-lurah",
        classification="100.3.3",
        unit=unit,
        subject=f"Pembentukan {team} Kelurahan {unit.name}",
        content=content,
        words=("MEMUTUSKAN", team, members[0].name, members[7].name),
    )


def minutes(world: World) -> Draft:
    unit = world.ward()
    giver, taker = world.official("Pengelola Arsip"), world.official("Petugas Depo Arsip")
    boxes = world.number(4, 30)
    first = world.date.year - world.number(6, 9)
    rows = [
        ["1", "Buku agenda surat masuk dan keluar", str(first), f"{world.number(2, 6)} buku"],
        ["2", "Berkas surat keterangan domisili", str(first), f"{boxes} boks"],
        ["3", "Berkas pindah dan datang penduduk", str(first + 1), f"{world.number(2, 12)} boks"],
        ["4", "Daftar hadir pegawai", str(first + 1), f"{world.number(1, 5)} boks"],
    ]
    blocks = [
        prose(
            f"""Pada hari ini, {long_date(world.date)}, bertempat di Kantor Lurah {unit.name},
            kami yang bertanda tangan di bawah ini:"""
        ),
        {
            "fields": [
                ["Pihak Pertama", f"{giver.name}, {giver.title}"],
                ["Pihak Kedua", f"{taker.name}, {taker.title}"],
            ]
        },
        prose(
            """telah melaksanakan serah terima arsip inaktif dari Pihak Pertama kepada Pihak
            Kedua dengan rincian sebagai berikut:"""
        ),
        {
            "table": {
                "head": ["No.", "Uraian Arsip", "Tahun", "Jumlah"],
                "rows": rows,
                "widths": [0.5, 4, 1, 1.4],
            }
        },
        prose(
            """Sejak ditandatanganinya berita acara ini tanggung jawab pemeliharaan arsip beralih
            kepada Pihak Kedua."""
        ),
        prose(
            """Demikian berita acara ini dibuat dalam rangkap 2 (dua) untuk dipergunakan
            sebagaimana mestinya."""
        ),
    ]
    left = {
        "place": "Yang menerima,",
        "titles": ["Pihak Kedua,"],
        "name": taker.name,
        "rank": "",
        "number": taker.staff_number,
    }
    content = titled(world, unit, "BERITA ACARA SERAH TERIMA ARSIP", blocks, left=left)
    content["signature"] = {
        "place": "Yang menyerahkan,",
        "titles": ["Pihak Pertama,"],
        "name": giver.name,
        "rank": "",
        "number": giver.staff_number,
    }
    return Draft(
        kind="berita-acara",
        classification="000.5",
        unit=unit,
        subject=f"Berita acara serah terima arsip inaktif Kelurahan {unit.name}",
        content=content,
        words=("arsip inaktif", giver.name, taker.name, f"{boxes} boks"),
    )


ORDERS = (assignment, circular, announcement, decision, minutes)
