"""Sample letters of the service counter: what residents ask a ward (kelurahan) for."""

from __future__ import annotations

from sipadek.testing.sample_draft import (
    CLOSING,
    Draft,
    identity,
    introduced,
    opening,
    prose,
    titled,
)
from sipadek.testing.sample_world import World

__all__ = ["SERVICES"]


def domicile(world: World) -> Draft:
    unit = world.ward()
    person = world.person(ward=unit)
    since = world.date.year - world.number(1, 15)
    purpose = world.pick(
        (
            "pembukaan rekening bank",
            "pendaftaran sekolah anak",
            "melamar pekerjaan",
            "pengurusan kredit usaha",
        )
    )
    blocks = [
        opening(unit),
        identity(person),
        prose(
            f"""Nama tersebut di atas benar penduduk yang berdomisili di Kelurahan {unit.name}
            pada alamat sebagaimana tersebut di atas sejak tahun {since} dan sampai dengan
            surat keterangan ini dikeluarkan masih bertempat tinggal di alamat tersebut."""
        ),
        prose(
            f"""{introduced(world)} Surat keterangan ini dipergunakan untuk keperluan {purpose}
            dan berlaku selama 1 (satu) bulan sejak tanggal ditandatangani."""
        ),
        prose(CLOSING),
    ]
    return Draft(
        kind="keterangan-domisili",
        classification="400.12.2.1",
        unit=unit,
        subject=f"Keterangan domisili a.n. {person.name}",
        content=titled(world, unit, "SURAT KETERANGAN DOMISILI", blocks),
        words=("domisili", unit.name, person.name, person.identity, purpose),
    )


def poverty(world: World) -> Draft:
    unit = world.ward()
    parent, child = world.person(ages=(36, 60), ward=unit), world.person(ages=(12, 15), ward=unit)
    school = f"SMP Contoh {world.number(1, 40)} Kota Jambi"
    income = f"Rp{world.number(6, 14) * 100_000:,}".replace(",", ".") + ",00"
    blocks = [
        opening(unit),
        identity(parent),
        prose(
            f"""adalah penduduk yang berdasarkan pendataan kelurahan dan surat pengantar Ketua RT
            00 tergolong keluarga kurang mampu, dengan penghasilan rata-rata {income} setiap
            bulan, dan merupakan orang tua dari:"""
        ),
        {
            "fields": [
                ["Nama", child.name],
                ["NIK", child.identity],
                ["Tempat, Tanggal Lahir", child.born],
                ["Sekolah", school],
            ]
        },
        prose(
            """Surat keterangan ini diberikan untuk melengkapi persyaratan permohonan bantuan
            biaya pendidikan."""
        ),
        prose(CLOSING),
    ]
    return Draft(
        kind="keterangan-tidak-mampu",
        classification="400.9",
        unit=unit,
        subject=f"Keterangan tidak mampu a.n. {parent.name}",
        content=titled(
            world,
            unit,
            "SURAT KETERANGAN TIDAK MAMPU",
            blocks,
            size=11.5,
            copies=["Kepala " + school],
        ),
        words=("kurang mampu", parent.name, child.name, school, income),
    )


def business(world: World) -> Draft:
    unit = world.ward()
    owner = world.person(ages=(22, 60), ward=unit)
    trade = world.pick(
        ("Warung Makan", "Bengkel Motor", "Toko Kelontong", "Usaha Jahit", "Depot Air Minum")
    )
    shop = f"{trade} {owner.name.split()[-1]} {world.pick(('Jaya', 'Berkah', 'Makmur', 'Sentosa'))}"
    year = world.date.year - world.number(1, 12)
    blocks = [
        opening(unit),
        identity(owner),
        prose("benar memiliki dan menjalankan usaha dengan keterangan sebagai berikut:"),
        {
            "fields": [
                ["Nama Usaha", shop],
                ["Jenis Usaha", trade],
                ["Alamat Usaha", owner.address],
                ["Mulai Usaha", f"Tahun {year}"],
                ["Tenaga Kerja", f"{world.number(1, 8)} orang"],
            ]
        },
        prose(
            f"""Surat keterangan ini bukan izin usaha dan diberikan sebagai kelengkapan
            persyaratan pengajuan pinjaman modal. {introduced(world)}"""
        ),
        prose(CLOSING),
    ]
    return Draft(
        kind="keterangan-usaha",
        classification="500.3",
        unit=unit,
        subject=f"Keterangan usaha {shop}",
        content=titled(world, unit, "SURAT KETERANGAN USAHA", blocks),
        words=("usaha", shop, owner.name, "pinjaman modal"),
    )


def police_record(world: World) -> Draft:
    unit = world.ward()
    person = world.person(ages=(18, 45), ward=unit)
    company = f"PT Contoh {person.name.split()[1]} Abadi"
    blocks = [
        opening(unit),
        identity(person),
        prose(
            f"""Nama tersebut di atas adalah penduduk Kelurahan {unit.name} yang berdasarkan surat
            pengantar Ketua RT 00 berkelakuan baik dan menurut catatan kami tidak sedang
            tersangkut perkara hukum."""
        ),
        prose(
            f"""Surat pengantar ini diberikan untuk mengurus Surat Keterangan Catatan Kepolisian
            (SKCK) sebagai persyaratan melamar pekerjaan pada {company}."""
        ),
        prose(
            """Demikian surat pengantar ini dibuat untuk dapat dipergunakan sebagaimana mestinya."""
        ),
    ]
    return Draft(
        kind="pengantar-skck",
        classification="300",
        unit=unit,
        subject=f"Pengantar SKCK a.n. {person.name}",
        content=titled(world, unit, "SURAT PENGANTAR SKCK", blocks),
        words=("berkelakuan baik", person.name, company, "Kepolisian"),
    )


def unmarried(world: World) -> Draft:
    unit = world.ward()
    person = world.person(ages=(20, 34), ward=unit)
    word = "jejaka" if person.male else "perawan"
    blocks = [
        opening(unit),
        identity(person, ["Status Perkawinan", "Belum Kawin"]),
        prose(
            f"""sepanjang pengetahuan kami dan menurut surat pernyataan yang bersangkutan
            bermeterai cukup, sampai dengan tanggal surat keterangan ini belum pernah menikah
            ({word}) baik secara agama maupun secara hukum negara."""
        ),
        prose(
            """Apabila di kemudian hari terbukti keterangan ini tidak benar, yang bersangkutan
            bersedia mempertanggungjawabkannya sesuai dengan ketentuan peraturan
            perundang-undangan."""
        ),
        prose(CLOSING),
    ]
    return Draft(
        kind="keterangan-belum-menikah",
        classification="400.12.3.2",
        unit=unit,
        subject=f"Keterangan belum menikah a.n. {person.name}",
        content=titled(world, unit, "SURAT KETERANGAN BELUM MENIKAH", blocks),
        words=("belum pernah menikah", person.name, word, "bermeterai"),
    )


SERVICES = (domicile, poverty, business, police_record, unmarried)
