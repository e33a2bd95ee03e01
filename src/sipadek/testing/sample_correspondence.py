"""Sample letters between offices: invitations, orders, memos, circulars, decisions, minutes."""

from __future__ import annotations

from typing import Any

from sipadek.testing.sample_draft import Draft
from sipadek.testing.sample_world import Unit, World, long_date

__all__ = ["CORRESPONDENCE"]

_WORDS = "nol satu dua tiga empat lima enam tujuh delapan sembilan".split()
_NUMBER = "sesuai stempel elektronik"


def _letter(
    world: World,
    unit: Unit,
    subject: str,
    to: list[str],
    blocks: list[Any],
    *,
    secrecy: str = "Biasa",
    enclosed: str = "-",
    **more: Any,
) -> dict[str, Any]:
    """A surat dinas."""
    signature = world.signature(unit)
    heading = {
        "place": signature["place"],
        "rows": [["Nomor", _NUMBER], ["Sifat", secrecy], ["Lampiran", enclosed], ["Hal", subject]],
        "to": to,
    }
    return {
        "letterhead": unit.letterhead,
        "heading": heading,
        "blocks": blocks,
        "signature": signature | {"place": ""},
    } | more


def _titled(
    world: World, unit: Unit, title: str, blocks: list[Any], *, place: bool = True, **more: Any
) -> dict[str, Any]:
    signature = world.signature(unit)
    if not place:
        signature |= {"place": f"Ditetapkan di Jambi\npada tanggal {long_date(world.date)}"}
    return {"letterhead": unit.letterhead, "title": title, "blocks": blocks, "signature": signature} | more


def meeting(world: World) -> Draft:
    unit = world.district()
    wards = world.wards_of(unit.name)
    theme = world.pick(
        (
            "evaluasi pelayanan administrasi terpadu",
            "persiapan lomba kelurahan",
            "penanganan sampah rumah tangga",
            "pemutakhiran data keluarga berisiko stunting",
        )
    )
    day, hour = world.later(4, 12), world.clock()
    subject = f"Undangan rapat {theme}"
    blocks = [
        {
            "p": f"Dalam rangka {theme} di wilayah Kecamatan {unit.name}, dengan hormat kami mengundang Saudara"
            " untuk hadir pada rapat yang akan dilaksanakan pada:"
        },
        {
            "fields": [
                ["Hari, Tanggal", day],
                ["Waktu", hour[0].upper() + hour[1:] + " s.d. selesai"],
                ["Tempat", f"Aula Kantor Camat {unit.name}"],
                ["Acara", theme[0].upper() + theme[1:]],
            ]
        },
        {"p": "Mengingat pentingnya acara dimaksud, diharapkan hadir tepat waktu, tidak diwakilkan, dan membawa data"
              " pendukung dari kelurahan masing-masing."},
        {"p": "Demikian disampaikan, atas perhatian dan kehadiran Saudara diucapkan terima kasih."},
    ]
    to = ["Yth. Para Lurah se-Kecamatan " + unit.name, f"({', '.join(wards)})", "di -", "Jambi"]
    return Draft(
        kind="undangan-rapat",
        classification="000.1.5",
        unit=unit,
        subject=subject,
        content=_letter(world, unit, subject, to, blocks, copies=["Wali Kota Jambi (sebagai laporan)", "Arsip"]),
        words=("mengundang", theme, day, unit.name),
    )


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
        [str(i + 1), s.name, s.staff_number, s.rank, world.pick(("Analis Kebijakan", "Pranata Komputer", "Arsiparis"))]
        for i, s in enumerate(staff)
    ]
    blocks: list[Any] = [
        {
            "clauses": [
                [
                    "Dasar",
                    [
                        f"Program kerja {unit.name} Kota Jambi Tahun Anggaran {world.date.year};",
                        f"Surat Lurah {target.name} tanggal {long_date(world.earlier(3, 12))} tentang permohonan"
                        " bantuan tenaga.",
                    ],
                ]
            ]
        },
        {"middle": "MENUGASKAN:"},
        {"table": {"head": ["No.", "Nama", "NIP", "Pangkat/Gol.", "Jabatan"], "rows": rows, "widths": [0.5, 2.6, 2.2, 1.6, 1.5]}},
        {
            "clauses": [
                [
                    "Untuk",
                    [
                        f"melaksanakan {task} di Kelurahan {target.name} pada hari {day};",
                        "melaporkan hasil pelaksanaan tugas secara tertulis paling lambat 3 (tiga) hari kerja setelah"
                        " tugas selesai;",
                        "melaksanakan tugas ini dengan penuh tanggung jawab.",
                    ],
                ]
            ]
        },
        {"p": "Demikian surat tugas ini dibuat untuk dilaksanakan sebagaimana mestinya."},
    ]
    return Draft(
        kind="surat-tugas",
        classification="800.1.11.1",
        unit=unit,
        subject=f"Surat tugas {task} di Kelurahan {target.name}",
        content=_titled(world, unit, "SURAT TUGAS", blocks, copies=[f"Lurah {target.name}"]),
        words=("MENUGASKAN", staff[0].name, task, target.name),
    )


def memo(world: World) -> Draft:
    unit = world.agency(world.pick(("DISKOMINFO", "DISDUKCAPIL", "DINSOS")))
    person = world.official("")
    days = world.number(3, 9)
    subject = "Laporan hasil pemeriksaan disiplin pegawai"
    blocks = [
        {
            "p": f"Bersama ini dilaporkan dengan hormat bahwa Saudara {person.name}, NIP {person.staff_number}, tidak"
            f" masuk kerja tanpa alasan yang sah selama {days} ({_WORDS[days]}) hari kerja dalam bulan berjalan.",
        },
        {"p": "Atas hal tersebut telah dilakukan hal-hal sebagai berikut:"},
        {
            "list": [
                f"pemanggilan secara tertulis sebanyak 2 (dua) kali, terakhir pada tanggal {long_date(world.earlier(5, 15))};",
                f"pemeriksaan oleh atasan langsung pada tanggal {long_date(world.earlier(1, 4))};",
                "penyusunan berita acara pemeriksaan yang ditandatangani oleh yang bersangkutan.",
            ]
        },
        {"p": "Sehubungan dengan itu mohon arahan Bapak/Ibu mengenai penjatuhan hukuman disiplin tingkat ringan berupa"
              " teguran tertulis."},
        {"p": "Demikian disampaikan, atas arahan Bapak/Ibu diucapkan terima kasih."},
    ]
    signature = world.signature(unit) | {"titles": ["SEKRETARIS,"], "place": ""}
    content = {
        "letterhead": unit.letterhead,
        "title": "NOTA DINAS",
        "memo": [
            ["Yth.", f"Kepala {unit.name}"],
            ["Dari", f"Sekretaris {unit.name}"],
            ["Tanggal", long_date(world.date)],
            ["Sifat", "Rahasia"],
            ["Lampiran", "1 (satu) berkas"],
            ["Hal", subject],
        ],
        "blocks": blocks,
        "signature": signature,
    }
    return Draft(
        kind="nota-dinas",
        classification="800.1",
        unit=unit,
        subject=f"{subject} a.n. {person.name}",
        secrecy="R",
        content=content,
        words=("teguran tertulis", person.name, "hukuman disiplin"),
    )


def circular(world: World) -> Draft:
    unit = world.agency("DISKOMINFO")
    month = long_date(world.date).split(" ", 1)[1]
    about = "PENGGUNAAN NASKAH DINAS ELEKTRONIK PADA KECAMATAN DAN KELURAHAN"
    blocks: list[Any] = [
        {"p": "Yth. Para Camat dan Lurah se-Kota Jambi", "indent": False},
        {
            "p": "Dalam rangka mempercepat pelayanan administrasi serta mewujudkan tertib arsip, bersama ini disampaikan"
            " hal-hal sebagai berikut:"
        },
        {
            "list": [
                f"Mulai bulan {month} seluruh surat keluar kecamatan dan kelurahan diberi nomor melalui sistem persuratan,"
                " tidak lagi melalui buku agenda manual.",
                "Surat yang telah bernomor ditandatangani dengan tanda tangan elektronik tersertifikasi; stempel bergambar"
                " kode QR saja bukan tanda tangan elektronik.",
                "Nomor yang batal dipakai tetap tercatat beserta alasannya dan tidak boleh digunakan kembali.",
                "Setiap unit menunjuk paling sedikit 1 (satu) orang operator dan melaporkannya paling lambat"
                f" {world.later(7, 14)}.",
                "Pelayanan surat keterangan bagi warga tidak dipungut biaya.",
            ]
        },
        {"p": "Demikian surat edaran ini untuk dilaksanakan dengan penuh tanggung jawab."},
    ]
    return Draft(
        kind="surat-edaran",
        classification="000.8.3.2",
        unit=unit,
        subject="Edaran penggunaan naskah dinas elektronik pada kecamatan dan kelurahan",
        content=_titled(world, unit, "SURAT EDARAN", blocks, about=about, place=False, copies=["Wali Kota Jambi", "Sekretaris Daerah Kota Jambi"]),
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
        {"p": f"Diberitahukan kepada seluruh warga Kelurahan {unit.name} bahwa akan dilaksanakan kegiatan {activity} dengan"
              " jadwal sebagai berikut:"},
        {
            "fields": [
                ["Hari, Tanggal", day],
                ["Waktu", hour[0].upper() + hour[1:]],
                ["Tempat", f"{place}, {street}"],
                ["Biaya", "Gratis"],
            ]
        },
        {"p": "Warga diimbau membawa Kartu Tanda Penduduk dan menyampaikan pengumuman ini kepada tetangga sekitar."},
        {"p": "Demikian pengumuman ini disampaikan agar menjadi perhatian."},
    ]
    return Draft(
        kind="pengumuman",
        classification="400.7",
        unit=unit,
        subject=f"Pengumuman kegiatan {activity}",
        content=_titled(world, unit, "PENGUMUMAN", blocks, about=f"KEGIATAN {activity.upper()}"),
        words=("diimbau", activity, day, unit.name),
    )


def data_request(world: World) -> Draft:
    unit, target = world.agency("DINSOS"), world.agency("DISDUKCAPIL")
    ward = world.ward()
    subject = f"Permohonan data penduduk Kelurahan {ward.name}"
    blocks = [
        {"p": "Dalam rangka pemadanan data terpadu kesejahteraan sosial, bersama ini kami mohon bantuan Saudara untuk"
              f" memberikan data penduduk Kelurahan {ward.name}, Kecamatan {ward.district}, yang memuat:"},
        {
            "list": [
                "jumlah penduduk menurut kelompok umur dan jenis kelamin;",
                "jumlah kepala keluarga menurut jenis pekerjaan;",
                f"jumlah penduduk datang, pindah, lahir, dan mati tahun {world.date.year - 1}.",
            ],
            "style": "a.",
        },
        {"p": "Data dimaksud hanya digunakan untuk pemutakhiran data penerima bantuan, dijaga kerahasiaannya, dan diharapkan"
              f" telah kami terima paling lambat {world.later(7, 21)}."},
        {"p": "Atas bantuan dan kerja sama Saudara diucapkan terima kasih."},
    ]
    to = [f"Yth. Kepala {target.name}", "Kota Jambi", "di -", "Jambi"]
    return Draft(
        kind="permohonan-data",
        classification="500.14",
        unit=unit,
        subject=subject,
        secrecy="T",
        content=_letter(world, unit, subject, to, blocks, secrecy="Terbatas"),
        words=("pemadanan data", ward.name, "dijaga kerahasiaannya"),
    )


def planning(world: World) -> Draft:
    unit = world.ward()
    year = world.date.year + 1
    day = world.later(7, 20)
    subject = f"Undangan musyawarah perencanaan pembangunan Kelurahan {unit.name} tahun {year}"
    guests = [
        f"Camat {unit.district}",
        "Anggota DPRD daerah pemilihan setempat",
        "Ketua Lembaga Pemberdayaan Masyarakat",
        "Ketua Tim Penggerak PKK Kelurahan",
        "Para Ketua RT dan Ketua RW",
        "Tokoh masyarakat dan tokoh agama",
        "Ketua Karang Taruna",
        f"Kepala Sekolah Dasar Contoh {world.number(1, 90)}",
    ]
    agenda = [
        ["08.00", "Pendaftaran peserta", "Panitia"],
        ["08.30", "Pembukaan dan sambutan", unit.head],
        ["09.00", "Pemaparan hasil pembangunan tahun berjalan", "Seksi Ekonomi dan Pembangunan"],
        ["10.00", "Diskusi kelompok: prasarana, ekonomi, sosial", "Fasilitator kelompok"],
        ["13.00", "Pleno penetapan usulan prioritas", "Pimpinan sidang"],
        ["15.00", "Penandatanganan berita acara dan penutupan", unit.head],
    ]
    blocks = [
        {"p": f"Dalam rangka penyusunan rencana kerja pemerintah daerah tahun {year}, dengan hormat kami mengundang"
              " Bapak/Ibu/Saudara untuk hadir pada Musyawarah Perencanaan Pembangunan (Musrenbang) kelurahan pada:"},
        {
            "fields": [
                ["Hari, Tanggal", day],
                ["Waktu", "Pukul 08.00 WIB s.d. selesai"],
                ["Tempat", f"Balai Pertemuan Kelurahan {unit.name}"],
                ["Peserta, Acara", "terlampir"],
            ]
        },
        {"p": "Setiap RT diminta membawa paling banyak 3 (tiga) usulan prioritas yang telah dimusyawarahkan dengan warga."},
        {"p": "Demikian disampaikan, atas kehadiran Bapak/Ibu/Saudara diucapkan terima kasih."},
    ]
    annexes = [
        {"page": [f"Lampiran Surat Lurah {unit.name}", f"Tanggal : {long_date(world.date)}"]},
        {"middle": "DAFTAR UNDANGAN"},
        {"list": guests},
        {"middle": "SUSUNAN ACARA"},
        {"table": {"head": ["Pukul", "Acara", "Pelaksana"], "rows": agenda, "widths": [0.8, 3.4, 2.2]}},
    ]
    to = ["Yth. (daftar terlampir)", "di -", "Jambi"]
    content = _letter(world, unit, subject, to, blocks, enclosed="1 (satu) lembar", annexes=annexes)
    return Draft(
        kind="undangan-musrenbang",
        classification="000.7",
        unit=unit,
        subject=subject,
        content=content,
        words=("Musrenbang", unit.name, "Karang Taruna", "usulan prioritas", day),
    )


def decision(world: World) -> Draft:
    unit = world.ward()
    members = [world.person(ages=(25, 60), ward=unit) for _ in range(8)]
    posts = ("Ketua", "Sekretaris", "Bendahara") + ("Anggota",) * 5
    team = world.pick(("Tim Siaga Banjir", "Kelompok Sadar Arsip", "Tim Pelayanan Keliling", "Satuan Tugas Kebersihan"))
    rows = [[str(i + 1), p.name, p.trade, post] for i, (p, post) in enumerate(zip(members, posts, strict=True))]
    blocks = [
        {"middle": f"LURAH {unit.name.upper()},"},
        {
            "clauses": [
                [
                    "Menimbang",
                    [
                        f"bahwa untuk meningkatkan peran serta masyarakat Kelurahan {unit.name} perlu dibentuk {team};",
                        "bahwa nama-nama dalam lampiran keputusan ini dipandang cakap dan bersedia melaksanakan tugas;",
                        "bahwa berdasarkan pertimbangan sebagaimana dimaksud pada huruf a dan huruf b perlu menetapkan"
                        " Keputusan Lurah.",
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
                ["KESATU", [f"Membentuk {team} Kelurahan {unit.name} dengan susunan sebagaimana tercantum dalam lampiran."]],
                ["KEDUA", ["Tim bertugas menyusun rencana kerja, melaksanakan kegiatan, dan melapor kepada Lurah setiap 3"
                           " (tiga) bulan."]],
                ["KETIGA", ["Keputusan ini mulai berlaku pada tanggal ditetapkan."]],
            ]
        },
    ]
    annexes = [
        {"page": [f"Lampiran Keputusan Lurah {unit.name}", f"Tanggal : {long_date(world.date)}", f"Tentang : Pembentukan {team}"]},
        {"middle": f"SUSUNAN {team.upper()}"},
        {"table": {"head": ["No.", "Nama", "Pekerjaan", "Kedudukan"], "rows": rows, "widths": [0.5, 3, 2.4, 1.6]}},
    ]
    content = _titled(
        world, unit, f"KEPUTUSAN LURAH {unit.name.upper()}", blocks, place=False,
        about=f"PEMBENTUKAN {team.upper()}", annexes=annexes, size=11,
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
        {"p": f"Pada hari ini, {long_date(world.date)}, bertempat di Kantor Lurah {unit.name}, kami yang bertanda tangan di"
              " bawah ini:"},
        {"fields": [["Pihak Pertama", f"{giver.name}, {giver.title}"], ["Pihak Kedua", f"{taker.name}, {taker.title}"]]},
        {"p": "telah melaksanakan serah terima arsip inaktif dari Pihak Pertama kepada Pihak Kedua dengan rincian sebagai"
              " berikut:"},
        {"table": {"head": ["No.", "Uraian Arsip", "Tahun", "Jumlah"], "rows": rows, "widths": [0.5, 4, 1, 1.4]}},
        {"p": "Sejak ditandatanganinya berita acara ini tanggung jawab pemeliharaan arsip beralih kepada Pihak Kedua."},
        {"p": "Demikian berita acara ini dibuat dalam rangkap 2 (dua) untuk dipergunakan sebagaimana mestinya."},
    ]
    left = {"place": "Yang menerima,", "titles": ["Pihak Kedua,"], "name": taker.name, "rank": "", "number": taker.staff_number}
    content = _titled(world, unit, "BERITA ACARA SERAH TERIMA ARSIP", blocks, left=left)
    content["signature"] = {"place": "Yang menyerahkan,", "titles": ["Pihak Pertama,"], "name": giver.name, "rank": "",
                            "number": giver.staff_number}
    return Draft(
        kind="berita-acara",
        classification="000.5",
        unit=unit,
        subject=f"Berita acara serah terima arsip inaktif Kelurahan {unit.name}",
        content=content,
        words=("arsip inaktif", giver.name, taker.name, f"{boxes} boks"),
    )


def covering(world: World) -> Draft:
    unit = world.ward()
    month = long_date(world.earlier(28, 40)).split(" ", 1)[1]
    rows = [
        ["1", f"Laporan kependudukan bulan {month}", "1 (satu) berkas", "Disampaikan dengan hormat untuk menjadi bahan seperlunya"],
        ["2", f"Rekapitulasi surat keterangan bulan {month}", f"{world.number(2, 9)} lembar", "Idem"],
        ["3", f"Laporan kegiatan posyandu bulan {month}", "1 (satu) berkas", "Idem"],
    ]
    blocks = [
        {"p": f"Yth. Camat {unit.district}, di Jambi", "indent": False},
        {"table": {"head": ["No.", "Naskah yang Dikirim", "Banyaknya", "Keterangan"], "rows": rows, "widths": [0.5, 3, 1.6, 2.6]}},
        {"p": "Diterima tanggal ................................ Setelah diterima harap lembar kedua dikembalikan kepada kami."},
    ]
    return Draft(
        kind="surat-pengantar",
        classification="400.10.2.2",
        unit=unit,
        subject=f"Pengantar laporan kependudukan Kelurahan {unit.name} bulan {month}",
        content=_titled(world, unit, "SURAT PENGANTAR", blocks),
        words=("Rekapitulasi surat keterangan", unit.district, month, "posyandu"),
    )


CORRESPONDENCE = (
    meeting, assignment, memo, circular, announcement, data_request, planning, decision, minutes, covering,
)
