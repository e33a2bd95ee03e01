"""Sample letters about families: births, deaths, moves, marriages, heirs."""

from __future__ import annotations

import attrs

from sipadek.testing.sample_draft import CLOSING, Draft, identity, opening, prose, titled
from sipadek.testing.sample_world import World, long_date

__all__ = ["FAMILIES"]


def birth(world: World) -> Draft:
    unit = world.ward()
    father, mother = (
        world.person(male=True, ages=(22, 45), ward=unit),
        world.person(male=False, ages=(20, 40), ward=unit),
    )
    male = world.pick((True, False))
    child, day = world.name(male), world.earlier(2, 20)
    blocks = [
        opening(unit),
        {
            "fields": [
                ["Nama Anak", child],
                ["Jenis Kelamin", "Laki-laki" if male else "Perempuan"],
                ["Tempat Kelahiran", f"Puskesmas Contoh {unit.name}"],
                ["Tanggal, Pukul", f"{long_date(day)}, {world.clock()}"],
                ["Anak ke-", str(world.number(1, 4))],
                [
                    "Berat, Panjang",
                    f"{world.number(25, 38) / 10:.1f}".replace(".", ",")
                    + f" kg, {world.number(46, 53)} cm",
                ],
            ]
        },
        prose("adalah anak kandung dari pasangan suami istri:"),
        {
            "fields": [
                ["Nama Ayah", father.name],
                ["NIK Ayah", father.identity],
                ["Nama Ibu", mother.name],
                ["NIK Ibu", mother.identity],
                ["Alamat", father.address],
            ]
        },
        prose(
            """Surat keterangan ini dipergunakan sebagai kelengkapan permohonan akta kelahiran
            pada Dinas Kependudukan dan Pencatatan Sipil Kota Jambi."""
        ),
        prose(CLOSING),
    ]
    return Draft(
        kind="keterangan-kelahiran",
        classification="400.12.3.1",
        unit=unit,
        subject=f"Keterangan kelahiran {child}",
        content=titled(world, unit, "SURAT KETERANGAN KELAHIRAN", blocks, size=11.5),
        words=("akta kelahiran", child, father.name, mother.name),
    )


def death(world: World) -> Draft:
    unit = world.ward()
    late, reporter = world.person(ages=(65, 88), ward=unit), world.person(ages=(25, 45), ward=unit)
    day = world.earlier(1, 14)
    cause = world.pick(("sakit", "usia lanjut", "kecelakaan"))
    blocks = [
        opening(unit),
        identity(late),
        prose("telah meninggal dunia pada:"),
        {
            "fields": [
                ["Tanggal", long_date(day)],
                ["Pukul", world.clock().removeprefix("pukul ")],
                ["Bertempat di", world.pick(("rumah kediaman", "rumah sakit"))],
                ["Penyebab", cause],
                ["Pelapor", reporter.name],
                ["Hubungan Pelapor", world.pick(("Anak kandung", "Saudara kandung", "Menantu"))],
            ]
        },
        prose(
            """Surat keterangan ini dibuat berdasarkan laporan keluarga dan Ketua RT 00 untuk
            pengurusan akta kematian."""
        ),
        prose(CLOSING),
    ]
    return Draft(
        kind="keterangan-kematian",
        classification="400.12.3.1",
        unit=unit,
        subject=f"Keterangan kematian {late.name}",
        content=titled(world, unit, "SURAT KETERANGAN KEMATIAN", blocks, size=11.5),
        words=("meninggal dunia", late.name, reporter.name, cause),
    )


def moving(world: World) -> Draft:
    unit, target = world.ward(), world.ward()
    head = world.person(ages=(36, 60), ward=unit)
    family = [world.person(male=not head.male, ages=(34, 55))]
    family += [world.person(ages=(2, 16)) for _ in range(world.number(1, 3))]
    relations = ["Istri" if head.male else "Suami"] + ["Anak"] * 3
    reason = world.pick(("pindah rumah", "pindah tugas", "mengikuti keluarga"))
    rows = [
        [str(i + 1), p.name, p.identity, r]
        for i, (p, r) in enumerate(zip(family, relations, strict=False))
    ]
    blocks = [
        opening(unit),
        identity(head),
        {
            "fields": [
                ["Pindah ke", f"Jalan Contoh Baru Nomor {world.number(1, 99)} RT 00"],
                ["Kelurahan", target.name],
                ["Kecamatan", target.district],
                ["Alasan Pindah", reason.capitalize()],
            ]
        },
        prose("Anggota keluarga yang ikut pindah:"),
        {
            "table": {
                "head": ["No.", "Nama", "NIK", "Hubungan"],
                "rows": rows,
                "widths": [0.6, 3.6, 2.6, 1.6],
            }
        },
        prose(CLOSING),
    ]
    return Draft(
        kind="keterangan-pindah",
        classification="400.12.2.2",
        unit=unit,
        subject=f"Keterangan pindah {head.name}",
        content=titled(
            world,
            unit,
            "SURAT KETERANGAN PINDAH",
            blocks,
            copies=[f"Lurah {target.name}", f"Camat {target.district}"],
            size=11,
        ),
        words=("ikut pindah", head.name, family[0].name, target.name),
    )


def marriage(world: World) -> Draft:
    unit = world.ward()
    groom = attrs.evolve(world.person(male=True, ages=(21, 35), ward=unit), religion="Islam")
    bride = world.person(male=False, ages=(20, 33))
    father, mother = world.person(male=True, ages=(56, 66)), world.person(male=False, ages=(54, 62))
    day = world.later(14, 60)
    blocks = [
        opening(unit),
        identity(groom, ["Status Perkawinan", "Jejaka"]),
        prose(
            f"""adalah benar anak dari perkawinan {father.name} (NIK {father.identity}) dengan
            {mother.name} (NIK {mother.identity}), dan bermaksud melangsungkan perkawinan
            dengan:"""
        ),
        {
            "fields": [
                ["Nama Calon Istri", bride.name],
                ["NIK", bride.identity],
                ["Tempat, Tanggal Lahir", bride.born],
                ["Rencana Akad", f"{day}, {world.clock()}"],
            ]
        },
        prose(
            """Demikian surat pengantar ini dibuat dengan mengingat sumpah jabatan untuk
            disampaikan kepada Kantor Urusan Agama."""
        ),
    ]
    return Draft(
        kind="pengantar-nikah",
        classification="400.12.3.2",
        unit=unit,
        subject=f"Pengantar nikah {groom.name} dengan {bride.name}",
        content=titled(world, unit, "SURAT PENGANTAR NIKAH", blocks, size=11.5),
        words=("melangsungkan perkawinan", groom.name, bride.name, father.name),
    )


def heirs(world: World) -> Draft:
    unit = world.ward()
    late = world.person(ages=(75, 90), ward=unit)
    honoured = "almarhum" if late.male else "almarhumah"
    found = [world.person(ages=(25, 50), ward=unit) for _ in range(world.number(3, 4))]
    witnesses = [world.name(True), world.name(False)]
    camat = world.official(f"Camat {unit.district}")
    rows = [[str(i + 1), p.name, p.identity, "Anak kandung", ""] for i, p in enumerate(found)]
    blocks = [
        prose(
            f"""Kami yang bertanda tangan di bawah ini menyatakan dengan sebenarnya dan sanggup
            diangkat sumpah bahwa kami adalah ahli waris yang sah dari {honoured} {late.name}
            (NIK {late.identity}), bertempat tinggal terakhir di {late.address}, yang
            meninggal dunia pada tanggal {long_date(world.earlier(30, 400))}, sebagai berikut:"""
        ),
        {
            "table": {
                "head": ["No.", "Nama Ahli Waris", "NIK", "Hubungan", "Tanda Tangan"],
                "rows": rows,
                "widths": [0.6, 3.2, 2.4, 1.6, 1.6],
            }
        },
        prose(
            """Tidak ada ahli waris lain selain nama-nama tersebut di atas. Apabila pernyataan
            ini tidak benar, kami bersedia dituntut sesuai dengan ketentuan peraturan
            perundang-undangan."""
        ),
        {"fields": [["Saksi I", witnesses[0]], ["Saksi II", witnesses[1]]]},
        prose("Surat pernyataan ini dicatat dalam register Kelurahan dan register Kecamatan."),
    ]
    left = {
        "place": "Mengetahui,",
        "titles": [camat.title.upper() + ","],
        "name": camat.name,
        "rank": camat.rank,
        "number": camat.staff_number,
    }
    return Draft(
        kind="pernyataan-ahli-waris",
        classification="100.3",
        unit=unit,
        subject=f"Pernyataan ahli waris {honoured} {late.name}",
        content=titled(world, unit, "SURAT PERNYATAAN AHLI WARIS", blocks, left=left, size=11.5),
        words=("ahli waris", late.name, found[0].name, witnesses[1]),
    )


FAMILIES = (birth, death, moving, marriage, heirs)
