"""Sample letters from office to office: invitations, requests, memos, covering letters."""

from __future__ import annotations

from sipadek.testing.sample_draft import Draft, between_offices, prose, titled
from sipadek.testing.sample_world import World, long_date

__all__ = ["CORRESPONDENCE"]

_WORDS = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan")


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
        prose(
            f"""Dalam rangka {theme} di wilayah Kecamatan {unit.name}, dengan hormat kami
            mengundang Saudara untuk hadir pada rapat yang akan dilaksanakan pada:"""
        ),
        {
            "fields": [
                ["Hari, Tanggal", day],
                ["Waktu", hour[0].upper() + hour[1:] + " s.d. selesai"],
                ["Tempat", f"Aula Kantor Camat {unit.name}"],
                ["Acara", theme[0].upper() + theme[1:]],
            ]
        },
        prose(
            """Mengingat pentingnya acara dimaksud, diharapkan hadir tepat waktu, tidak
            diwakilkan, dan membawa data pendukung dari kelurahan masing-masing."""
        ),
        prose(
            """Demikian disampaikan, atas perhatian dan kehadiran Saudara diucapkan terima kasih."""
        ),
    ]
    to = ["Yth. Para Lurah se-Kecamatan " + unit.name, f"({', '.join(wards)})", "di -", "Jambi"]
    return Draft(
        kind="undangan-rapat",
        classification="000.1.5",
        unit=unit,
        subject=subject,
        content=between_offices(
            world, unit, subject, to, blocks, copies=["Wali Kota Jambi (sebagai laporan)", "Arsip"]
        ),
        words=("mengundang", theme, day, unit.name),
    )


def memo(world: World) -> Draft:
    unit = world.agency(world.pick(("DISKOMINFO", "DISDUKCAPIL", "DINSOS")))
    person = world.official("")
    days = world.number(3, 9)
    subject = "Laporan hasil pemeriksaan disiplin pegawai"
    blocks = [
        prose(
            f"""Bersama ini dilaporkan dengan hormat bahwa Saudara {person.name}, NIP
            {person.staff_number}, tidak masuk kerja tanpa alasan yang sah selama {days}
            ({_WORDS[days]}) hari kerja dalam bulan berjalan."""
        ),
        prose("Atas hal tersebut telah dilakukan hal-hal sebagai berikut:"),
        {
            "list": [
                "pemanggilan secara tertulis sebanyak 2 (dua) kali, terakhir pada tanggal"
                f" {long_date(world.earlier(5, 15))};",
                f"pemeriksaan oleh atasan langsung pada tanggal {long_date(world.earlier(1, 4))};",
                "penyusunan berita acara pemeriksaan yang ditandatangani oleh yang bersangkutan.",
            ]
        },
        prose(
            """Sehubungan dengan itu mohon arahan Bapak/Ibu mengenai penjatuhan hukuman disiplin
            tingkat ringan berupa teguran tertulis."""
        ),
        prose("Demikian disampaikan, atas arahan Bapak/Ibu diucapkan terima kasih."),
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


def data_request(world: World) -> Draft:
    unit, target = world.agency("DINSOS"), world.agency("DISDUKCAPIL")
    ward = world.ward()
    subject = f"Permohonan data penduduk Kelurahan {ward.name}"
    blocks = [
        prose(
            f"""Dalam rangka pemadanan data terpadu kesejahteraan sosial, bersama ini kami mohon
            bantuan Saudara untuk memberikan data penduduk Kelurahan {ward.name}, Kecamatan
            {ward.district}, yang memuat:"""
        ),
        {
            "list": [
                "jumlah penduduk menurut kelompok umur dan jenis kelamin;",
                "jumlah kepala keluarga menurut jenis pekerjaan;",
                f"jumlah penduduk datang, pindah, lahir, dan mati tahun {world.date.year - 1}.",
            ],
            "style": "a.",
        },
        prose(
            f"""Data dimaksud hanya digunakan untuk pemutakhiran data penerima bantuan, dijaga
            kerahasiaannya, dan diharapkan telah kami terima paling lambat
            {world.later(7, 21)}."""
        ),
        prose("Atas bantuan dan kerja sama Saudara diucapkan terima kasih."),
    ]
    to = [f"Yth. Kepala {target.name}", "Kota Jambi", "di -", "Jambi"]
    return Draft(
        kind="permohonan-data",
        classification="500.14",
        unit=unit,
        subject=subject,
        secrecy="T",
        content=between_offices(world, unit, subject, to, blocks, secrecy="Terbatas"),
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
        prose(
            f"""Dalam rangka penyusunan rencana kerja pemerintah daerah tahun {year}, dengan
            hormat kami mengundang Bapak/Ibu/Saudara untuk hadir pada Musyawarah Perencanaan
            Pembangunan (Musrenbang) kelurahan pada:"""
        ),
        {
            "fields": [
                ["Hari, Tanggal", day],
                ["Waktu", "Pukul 08.00 WIB s.d. selesai"],
                ["Tempat", f"Balai Pertemuan Kelurahan {unit.name}"],
                ["Peserta, Acara", "terlampir"],
            ]
        },
        prose(
            """Setiap RT diminta membawa paling banyak 3 (tiga) usulan prioritas yang telah
            dimusyawarahkan dengan warga."""
        ),
        prose("Demikian disampaikan, atas kehadiran Bapak/Ibu/Saudara diucapkan terima kasih."),
    ]
    annexes = [
        {"page": [f"Lampiran Surat Lurah {unit.name}", f"Tanggal : {long_date(world.date)}"]},
        {"middle": "DAFTAR UNDANGAN"},
        {"list": guests},
        {"middle": "SUSUNAN ACARA"},
        {
            "table": {
                "head": ["Pukul", "Acara", "Pelaksana"],
                "rows": agenda,
                "widths": [0.8, 3.4, 2.2],
            }
        },
    ]
    to = ["Yth. (daftar terlampir)", "di -", "Jambi"]
    content = between_offices(
        world, unit, subject, to, blocks, enclosed="1 (satu) lembar", annexes=annexes
    )
    return Draft(
        kind="undangan-musrenbang",
        classification="000.7",
        unit=unit,
        subject=subject,
        content=content,
        words=("Musrenbang", unit.name, "Karang Taruna", "usulan prioritas", day),
    )


def covering(world: World) -> Draft:
    unit = world.ward()
    month = long_date(world.earlier(28, 40)).split(" ", 1)[1]
    rows = [
        [
            "1",
            f"Laporan kependudukan bulan {month}",
            "1 (satu) berkas",
            "Disampaikan dengan hormat untuk menjadi bahan seperlunya",
        ],
        [
            "2",
            f"Rekapitulasi surat keterangan bulan {month}",
            f"{world.number(2, 9)} lembar",
            "Idem",
        ],
        ["3", f"Laporan kegiatan posyandu bulan {month}", "1 (satu) berkas", "Idem"],
    ]
    blocks = [
        prose(f"Yth. Camat {unit.district}, di Jambi", indent=False),
        {
            "table": {
                "head": ["No.", "Naskah yang Dikirim", "Banyaknya", "Keterangan"],
                "rows": rows,
                "widths": [0.5, 3, 1.6, 2.6],
            }
        },
        prose(
            """Diterima tanggal ................................ Setelah diterima harap lembar
            kedua dikembalikan kepada kami."""
        ),
    ]
    return Draft(
        kind="surat-pengantar",
        classification="400.10.2.2",
        unit=unit,
        subject=f"Pengantar laporan kependudukan Kelurahan {unit.name} bulan {month}",
        content=titled(world, unit, "SURAT PENGANTAR", blocks),
        words=("Rekapitulasi surat keterangan", unit.district, month, "posyandu"),
    )


CORRESPONDENCE = (meeting, memo, data_request, planning, covering)
