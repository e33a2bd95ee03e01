"""Certified PDFs take a signature that does not show, where their level allows one, and no stamp."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyhanko.sign import fields
from signing_documents import plain_pdf, sign

import sipadek
from sipadek.errors import ChangeForbidden
from sipadek.testing.authority import Authority, Credential

NEW = {"series": "ket", "subject": "Keterangan"}
INVISIBLE = sipadek.StampStyle(stamp=False)


def certified(credential: Credential, level: fields.MDPPerm) -> bytes:
    return sign(plain_pdf(), credential, certify=True, docmdp_permissions=level)


@pytest.mark.parametrize("level", [fields.MDPPerm.FILL_FORMS, fields.MDPPerm.ANNOTATE])
def test_it_is_signed_invisibly(
    tmp_path: Path, authority: Authority, credential: Credential, second: Credential,
    level: fields.MDPPerm,
) -> None:  # fmt: skip
    pdf = certified(credential, level)
    with sipadek.open(tmp_path / "arsip", trust=[authority.root]) as office:
        office.define_series("ket", "{nomor}/{tahun}")
        with pytest.raises(ChangeForbidden, match="without a stamp"):
            office.file(pdf, **NEW, signer=second.signer())
        letter = office.file(pdf, **NEW, signer=second.signer(), style=INVISIBLE)
        assert letter.sequence == 1
        filed = office.filed(letter.id).read()
        assert filed.startswith(pdf)
        assert len(office.verify(filed).signatures) == 2


def test_a_level_that_allows_nothing_is_kept(
    tmp_path: Path, credential: Credential, second: Credential
) -> None:
    pdf = certified(credential, fields.MDPPerm.NO_CHANGES)
    with sipadek.open(tmp_path / "arsip") as office:
        office.define_series("ket", "{nomor}/{tahun}")
        for style in (INVISIBLE, sipadek.StampStyle()):
            with pytest.raises(ChangeForbidden, match="level 1"):
                office.file(pdf, **NEW, signer=second.signer(), style=style)
        assert list(office.letters()) == []
