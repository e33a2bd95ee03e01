"""Sample letters of the service counter: what residents ask a ward (kelurahan) for."""

from __future__ import annotations

from typing import Any

import attrs

from sipadek.testing.sample_draft import Draft
from sipadek.testing.sample_world import Person, Unit, World, long_date

__all__ = ["SERVICES"]

_CLOSING = (
    "Demikian surat keterangan ini dibuat dengan sebenarnya untuk dapat dipergunakan sebagaimana mestinya."
)


def _identity(person: Person, *extra: list[str]) -> dict[str, Any]:
    rows = [
        ["Nama", person.name],
        ["NIK", person.identity],
        ["Tempat, Tanggal Lahir", person.born],
        ["Jenis Kelamin", person.sex],
        ["Agama", person.religion],
        ["Pekerjaan", person.trade],
        ["Alamat", person.address],
    ]
    return {"fields": [*rows, *extra]}


def _opening(unit: Unit) -> dict[str, Any]:
    return {
        "p": f"Yang bertanda tangan di bawah ini, {unit.head}, Kecamatan {unit.district}, Kota Jambi, dengan"
        " ini menerangkan bahwa:"
    }


def _introduced(world: World) -> str:
    return (
        f"Surat pengantar Ketua RT 00 tanggal {long_date(world.earlier(1, 6))} menjadi dasar surat"
        " keterangan ini."
    )


def _statement(world: World, unit: Unit, title: str, blocks: list[Any], **more: Any) -> dict[str, Any]:
    """A letter with a title in the middle, as counters issue them."""
    signature = world.signature(unit)
    return {
        "letterhead": unit.letterhead,
        "title": title,
        "blocks": blocks,
        "signature": signature,
    } | more


def domicile(world: World) -> Draft:
    unit = world.ward()
    person = world.person(ward=unit)
    since = world.date.year - world.number(1, 15)
    purpose = world.pick(
        ("pembukaan rekening bank", "pendaftaran sekolah anak", "melamar pekerjaan", "pengurusan kredit usaha")
    )
    blocks = [
        _opening(unit),
        _identity(person),
        {
            "p": f"Nama tersebut di atas benar penduduk yang berdomisili di Kelurahan {unit.name} pada alamat"
            f" sebagaimana tersebut di atas sejak tahun {since} dan sampai dengan surat keterangan ini"
            " dikeluarkan masih bertempat tinggal di alamat tersebut."
        },
        {"p": f"{_introduced(world)} Surat keterangan ini dipergunakan untuk keperluan {purpose} dan berlaku"
              " selama 1 (satu) bulan sejak tanggal ditandatangani."},
        {"p": _CLOSING},
    ]
    return Draft(
        kind="keterangan-domisili",
        classification="400.12.2.1",
        unit=unit,
        subject=f"Keterangan domisili a.n. {person.name}",
        content=_statement(world, unit, "SURAT KETERANGAN DOMISILI", blocks),
        words=("domisili", unit.name, person.name, person.identity, purpose),
    )


def poverty(world: World) -> Draft:
    unit = world.ward()
    parent, child = world.person(ages=(36, 60), ward=unit), world.person(ages=(12, 15), ward=unit)
    school = f"SMP Contoh {world.number(1, 40)} Kota Jambi"
    income = f"Rp{world.number(6, 14) * 100_000:,}".replace(",", ".") + ",00"
    blocks = [
        _opening(unit),
        _identity(parent),
        {
            "p": "adalah penduduk yang berdasarkan pendataan kelurahan dan surat pengantar Ketua RT 00 tergolong"
            f" keluarga kurang mampu, dengan penghasilan rata-rata {income} setiap bulan, dan merupakan"
            " orang tua dari:"
        },
        {
            "fields": [
                ["Nama", child.name],
                ["NIK", child.identity],
                ["Tempat, Tanggal Lahir", child.born],
                ["Sekolah", school],
            ]
        },
        {"p": "Surat keterangan ini diberikan untuk melengkapi persyaratan permohonan bantuan biaya pendidikan."},
        {"p": _CLOSING},
    ]
    return Draft(
        kind="keterangan-tidak-mampu",
        classification="400.9",
        unit=unit,
        subject=f"Keterangan tidak mampu a.n. {parent.name}",
        content=_statement(world, unit, "SURAT KETERANGAN TIDAK MAMPU", blocks, size=11.5, copies=["Kepala " + school]),
        words=("kurang mampu", parent.name, child.name, school, income),
    )


def business(world: World) -> Draft:
    unit = world.ward()
    owner = world.person(ages=(22, 60), ward=unit)
    trade = world.pick(("Warung Makan", "Bengkel Motor", "Toko Kelontong", "Usaha Jahit", "Depot Air Minum"))
    shop = f"{trade} {owner.name.split()[-1]} {world.pick(('Jaya', 'Berkah', 'Makmur', 'Sentosa'))}"
    year = world.date.year - world.number(1, 12)
    blocks = [
        _opening(unit),
        _identity(owner),
        {"p": "benar memiliki dan menjalankan usaha dengan keterangan sebagai berikut:"},
        {
            "fields": [
                ["Nama Usaha", shop],
                ["Jenis Usaha", trade],
                ["Alamat Usaha", owner.address],
                ["Mulai Usaha", f"Tahun {year}"],
                ["Tenaga Kerja", f"{world.number(1, 8)} orang"],
            ]
        },
        {"p": "Surat keterangan ini bukan izin usaha dan diberikan sebagai kelengkapan persyaratan pengajuan"
              " pinjaman modal. " + _introduced(world)},
        {"p": _CLOSING},
    ]
    return Draft(
        kind="keterangan-usaha",
        classification="500.3",
        unit=unit,
        subject=f"Keterangan usaha {shop}",
        content=_statement(world, unit, "SURAT KETERANGAN USAHA", blocks),
        words=("usaha", shop, owner.name, "pinjaman modal"),
    )


def birth(world: World) -> Draft:
    unit = world.ward()
    father, mother = world.person(male=True, ages=(22, 45), ward=unit), world.person(male=False, ages=(20, 40), ward=unit)
    male = world.pick((True, False))
    child, day = world.name(male), world.earlier(2, 20)
    blocks = [
        _opening(unit),
        {
            "fields": [
                ["Nama Anak", child],
                ["Jenis Kelamin", "Laki-laki" if male else "Perempuan"],
                ["Tempat Kelahiran", f"Puskesmas Contoh {unit.name}"],
                ["Tanggal, Pukul", f"{long_date(day)}, {world.clock()}"],
                ["Anak ke-", str(world.number(1, 4))],
                ["Berat, Panjang", f"{world.number(25, 38) / 10:.1f}".replace(".", ",") + f" kg, {world.number(46, 53)} cm"],
            ]
        },
        {"p": "adalah anak kandung dari pasangan suami istri:"},
        {
            "fields": [
                ["Nama Ayah", father.name],
                ["NIK Ayah", father.identity],
                ["Nama Ibu", mother.name],
                ["NIK Ibu", mother.identity],
                ["Alamat", father.address],
            ]
        },
        {"p": "Surat keterangan ini dipergunakan sebagai kelengkapan permohonan akta kelahiran pada Dinas"
              " Kependudukan dan Pencatatan Sipil Kota Jambi."},
        {"p": _CLOSING},
    ]
    return Draft(
        kind="keterangan-kelahiran",
        classification="400.12.3.1",
        unit=unit,
        subject=f"Keterangan kelahiran {child}",
        content=_statement(world, unit, "SURAT KETERANGAN KELAHIRAN", blocks, size=11.5),
        words=("akta kelahiran", child, father.name, mother.name),
    )


def death(world: World) -> Draft:
    unit = world.ward()
    late, reporter = world.person(ages=(65, 88), ward=unit), world.person(ages=(25, 45), ward=unit)
    day = world.earlier(1, 14)
    cause = world.pick(("sakit", "usia lanjut", "kecelakaan"))
    blocks = [
        _opening(unit),
        _identity(late),
        {"p": "telah meninggal dunia pada:"},
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
        {"p": "Surat keterangan ini dibuat berdasarkan laporan keluarga dan Ketua RT 00 untuk pengurusan akta"
              " kematian."},
        {"p": _CLOSING},
    ]
    return Draft(
        kind="keterangan-kematian",
        classification="400.12.3.1",
        unit=unit,
        subject=f"Keterangan kematian {late.name}",
        content=_statement(world, unit, "SURAT KETERANGAN KEMATIAN", blocks, size=11.5),
        words=("meninggal dunia", late.name, reporter.name, cause),
    )


def moving(world: World) -> Draft:
    unit, target = world.ward(), world.ward()
    head = world.person(ages=(36, 60), ward=unit)
    family = [world.person(male=not head.male, ages=(34, 55))]
    family += [world.person(ages=(2, 16)) for _ in range(world.number(1, 3))]
    relations = ["Istri" if head.male else "Suami"] + ["Anak"] * 3
    reason = world.pick(("pindah rumah", "pindah tugas", "mengikuti keluarga"))
    rows = [[str(i + 1), p.name, p.identity, r] for i, (p, r) in enumerate(zip(family, relations, strict=False))]
    blocks = [
        _opening(unit),
        _identity(head),
        {
            "fields": [
                ["Pindah ke", f"Jalan Contoh Baru Nomor {world.number(1, 99)} RT 00"],
                ["Kelurahan", target.name],
                ["Kecamatan", target.district],
                ["Alasan Pindah", reason.capitalize()],
            ]
        },
        {"p": "Anggota keluarga yang ikut pindah:"},
        {"table": {"head": ["No.", "Nama", "NIK", "Hubungan"], "rows": rows, "widths": [0.6, 3.6, 2.6, 1.6]}},
        {"p": _CLOSING},
    ]
    return Draft(
        kind="keterangan-pindah",
        classification="400.12.2.2",
        unit=unit,
        subject=f"Keterangan pindah {head.name}",
        content=_statement(
            world,
            unit,
            "SURAT KETERANGAN PINDAH",
            blocks,
            copies=[f"Lurah {target.name}", f"Camat {target.district}"],
            size=11,
        ),
        words=("ikut pindah", head.name, family[0].name, target.name),
    )


def police_record(world: World) -> Draft:
    unit = world.ward()
    person = world.person(ages=(18, 45), ward=unit)
    company = f"PT Contoh {person.name.split()[1]} Abadi"
    blocks = [
        _opening(unit),
        _identity(person),
        {
            "p": f"Nama tersebut di atas adalah penduduk Kelurahan {unit.name} yang berdasarkan surat pengantar"
            " Ketua RT 00 berkelakuan baik dan menurut catatan kami tidak sedang tersangkut perkara hukum."
        },
        {
            "p": "Surat pengantar ini diberikan untuk mengurus Surat Keterangan Catatan Kepolisian (SKCK) sebagai"
            f" persyaratan melamar pekerjaan pada {company}."
        },
        {"p": "Demikian surat pengantar ini dibuat untuk dapat dipergunakan sebagaimana mestinya."},
    ]
    return Draft(
        kind="pengantar-skck",
        classification="300",
        unit=unit,
        subject=f"Pengantar SKCK a.n. {person.name}",
        content=_statement(world, unit, "SURAT PENGANTAR SKCK", blocks),
        words=("berkelakuan baik", person.name, company, "Kepolisian"),
    )


def unmarried(world: World) -> Draft:
    unit = world.ward()
    person = world.person(ages=(20, 34), ward=unit)
    word = "jejaka" if person.male else "perawan"
    blocks = [
        _opening(unit),
        _identity(person, ["Status Perkawinan", "Belum Kawin"]),
        {
            "p": "sepanjang pengetahuan kami dan menurut surat pernyataan yang bersangkutan bermeterai cukup,"
            f" sampai dengan tanggal surat keterangan ini belum pernah menikah ({word}) baik secara agama"
            " maupun secara hukum negara."
        },
        {"p": "Apabila di kemudian hari terbukti keterangan ini tidak benar, yang bersangkutan bersedia"
              " mempertanggungjawabkannya sesuai dengan ketentuan peraturan perundang-undangan."},
        {"p": _CLOSING},
    ]
    return Draft(
        kind="keterangan-belum-menikah",
        classification="400.12.3.2",
        unit=unit,
        subject=f"Keterangan belum menikah a.n. {person.name}",
        content=_statement(world, unit, "SURAT KETERANGAN BELUM MENIKAH", blocks),
        words=("belum pernah menikah", person.name, word, "bermeterai"),
    )


def marriage(world: World) -> Draft:
    unit = world.ward()
    groom = attrs.evolve(world.person(male=True, ages=(21, 35), ward=unit), religion="Islam")
    bride = world.person(male=False, ages=(20, 33))
    father, mother = world.person(male=True, ages=(56, 66)), world.person(male=False, ages=(54, 62))
    day = world.later(14, 60)
    blocks = [
        _opening(unit),
        _identity(groom, ["Status Perkawinan", "Jejaka"]),
        {"p": f"adalah benar anak dari perkawinan {father.name} (NIK {father.identity}) dengan {mother.name}"
              f" (NIK {mother.identity}), dan bermaksud melangsungkan perkawinan dengan:"},
        {
            "fields": [
                ["Nama Calon Istri", bride.name],
                ["NIK", bride.identity],
                ["Tempat, Tanggal Lahir", bride.born],
                ["Rencana Akad", f"{day}, {world.clock()}"],
            ]
        },
        {"p": "Demikian surat pengantar ini dibuat dengan mengingat sumpah jabatan untuk disampaikan kepada"
              " Kantor Urusan Agama."},
    ]
    return Draft(
        kind="pengantar-nikah",
        classification="400.12.3.2",
        unit=unit,
        subject=f"Pengantar nikah {groom.name} dengan {bride.name}",
        content=_statement(world, unit, "SURAT PENGANTAR NIKAH", blocks, size=11.5),
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
        {
            "p": "Kami yang bertanda tangan di bawah ini menyatakan dengan sebenarnya dan sanggup diangkat sumpah"
            f" bahwa kami adalah ahli waris yang sah dari {honoured} {late.name} (NIK {late.identity}),"
            f" bertempat tinggal terakhir di {late.address}, yang meninggal dunia pada tanggal"
            f" {long_date(world.earlier(30, 400))}, sebagai berikut:"
        },
        {"table": {"head": ["No.", "Nama Ahli Waris", "NIK", "Hubungan", "Tanda Tangan"], "rows": rows,
                   "widths": [0.6, 3.2, 2.4, 1.6, 1.6]}},
        {"p": "Tidak ada ahli waris lain selain nama-nama tersebut di atas. Apabila pernyataan ini tidak benar, kami"
              " bersedia dituntut sesuai dengan ketentuan peraturan perundang-undangan."},
        {"fields": [["Saksi I", witnesses[0]], ["Saksi II", witnesses[1]]]},
        {"p": "Surat pernyataan ini dicatat dalam register Kelurahan dan register Kecamatan."},
    ]
    left = {"place": "Mengetahui,", "titles": [camat.title.upper() + ","], "name": camat.name,
            "rank": camat.rank, "number": camat.staff_number}
    return Draft(
        kind="pernyataan-ahli-waris",
        classification="100.3",
        unit=unit,
        subject=f"Pernyataan ahli waris {honoured} {late.name}",
        content=_statement(world, unit, "SURAT PERNYATAAN AHLI WARIS", blocks, left=left, size=11.5),
        words=("ahli waris", late.name, found[0].name, witnesses[1]),
    )


SERVICES = (domicile, poverty, business, birth, death, moving, police_record, unmarried, marriage, heirs)
