"""What may be shown of an application and of a letter, as plain values that any front-end renders. Pure.

The public ones hold nothing that the catalogue, the register or the course of the office does not tell;
the citizen's name stands in them masked, and the NIK not at all.
"""

from __future__ import annotations

import datetime
import enum
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from sipadek.naskah import masked, masked_name
from sipadek.services.application import APPLICANT, Application, Stage, clock
from sipadek.services.catalogue import Service
from sipadek.services.working_time import WorkingCalendar

STAGE_NAMES: Final[Mapping[Stage, str]] = MappingProxyType(
    {
        Stage.SUBMITTED: "Diajukan",
        Stage.CHECKED: "Diperiksa dan lengkap",
        Stage.RETURNED: "Dikembalikan untuk dilengkapi",
        Stage.DRAFTED: "Menunggu tanda tangan",
        Stage.PARTLY_SIGNED: "Ditandatangani, menunggu tanda tangan berikutnya",
        Stage.SIGNED: "Selesai, siap diserahkan",
        Stage.HANDED_OVER: "Sudah diserahkan",
        Stage.REJECTED: "Ditolak",
        Stage.WITHDRAWN: "Ditarik oleh pemohon",
    }
)
"""How each stage is told to citizens."""

QR_NOTE: Final = (
    "Halaman ini menunjukkan isi register. Cocokkan nomor, tanggal, dan nama dengan surat yang"
    " dipegang; kode QR bukan tanda tangan elektronik. Keaslian diperiksa pada berkas PDF-nya."
)
FEE_NOTE: Final = "Layanan ini tidak dipungut biaya. Laporkan bila ada yang meminta bayaran."


@attrs.frozen(kw_only=True)
class PublicStep:
    """One step of the public view: what it is called, when it was taken (UTC), by which kind of post,
    and what the applicant was told."""

    name: str
    at: datetime.datetime
    post: str
    reason: str = attrs.field(default="", repr=False)


@attrs.frozen(kw_only=True)
class PublicView:
    """What the bearer of a tracking code sees. ``holder`` is a kind of post ('pemohon' for the
    applicant, '' for nobody), ``fee`` is what the service costs, ``due`` until when it is promised,
    ``stopped`` whether the clock stands because the applicant has it, ``numbers`` the letter's."""

    service: str
    unit: str
    stage: str
    steps: tuple[PublicStep, ...]
    holder: str
    fee: str
    fee_note: str
    promise: str
    due: datetime.datetime
    used_minutes: int
    stopped: bool
    late: bool
    numbers: tuple[str, ...]


@attrs.frozen(kw_only=True)
class ListRow:
    """One application in the list of a unit. The NIK is masked."""

    id: str
    service: str
    unit: str
    stage: str
    holder: str
    name: str
    nik: str
    submitted: datetime.datetime
    due: datetime.datetime
    late: bool


class LetterStatus(enum.StrEnum):
    """Whether a letter holds."""

    VALID = "valid"
    EXPIRED = "expired"
    VOID = "void"


@attrs.frozen(kw_only=True)
class VerificationView:
    """What anyone may know who holds a letter and reads its QR code.

    ``kind`` says what letter it is, ``name`` is masked (and empty where there is none, or it was
    erased), ``valid_until`` is its last day (None for no end), ``signed`` whether its PDF carries an
    electronic signature, ``note`` what this does not prove.
    """

    status: LetterStatus
    kind: str
    number: str
    date: datetime.date
    unit: str
    name: str
    valid_until: datetime.date | None
    signed: bool
    note: str = QR_NOTE


def fee_text(fee: int) -> str:
    """'Rp0'."""
    return f"Rp{fee:,}".replace(",", ".")


def public_view(
    application: Application,
    service: Service,
    calendar: WorkingCalendar,
    *,
    unit: str,
    numbers: tuple[str, ...],
    now: datetime.datetime,
) -> PublicView:
    """The application as the bearer of its code sees it; ``unit`` is the unit's name."""
    time = clock(application, service, calendar, now=now)
    return PublicView(
        service=service.name,
        unit=unit,
        stage=STAGE_NAMES[application.stage],
        steps=tuple(
            PublicStep(
                name=STAGE_NAMES[entry.stage], at=entry.at, post=entry.post, reason=entry.reason
            )
            for entry in application.history
        ),
        holder=application.holder(service),
        fee=fee_text(service.fee),
        fee_note=FEE_NOTE if not service.fee else "",
        promise=str(service.promise),
        due=time.due,
        used_minutes=time.used,
        stopped=application.holder(service) == APPLICANT,
        late=time.late,
        numbers=numbers,
    )


def list_row(
    application: Application,
    service: Service,
    calendar: WorkingCalendar,
    values: Mapping[str, str],
    *,
    now: datetime.datetime,
) -> ListRow:
    """The application as a row of its unit's list; ``values`` is what the citizen wrote, or nothing
    once that was erased."""
    time = clock(application, service, calendar, now=now)
    return ListRow(
        id=application.id,
        service=service.name,
        unit=application.unit,
        stage=STAGE_NAMES[application.stage],
        holder=application.holder(service),
        name=values.get(service.holder, ""),
        nik=masked(values["nik"]) if "nik" in values else "",
        submitted=application.history[0].at,
        due=time.due,
        late=time.late,
    )


def shown_name(service: Service, values: Mapping[str, str]) -> str:
    """The masked name that a verification shows."""
    return masked_name(values.get(service.holder, ""))
