"""Reading a catalogue from its TOML file, and refusing one that cannot work, with line and field."""

from __future__ import annotations

import datetime
import functools
import importlib.resources
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import attrs

from sipadek.archive.durable import storage_errors
from sipadek.errors import InvalidInput
from sipadek.services.catalogue import (
    FIELD_TYPES,
    Catalogue,
    Field,
    Service,
    Signing,
    Validity,
    placeholders,
)
from sipadek.services.working_time import Hours, Promise, WorkingCalendar
from sipadek.settings import Table, read_toml

_CODE: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_CLASSIFICATION: Final = re.compile(r"\d{3}(\.\d+)*")
_WEEKDAYS: Final = ("senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu")
_SPAN: Final = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")
_LEVELS: Final = ("own", "above")


@functools.cache
def default_catalogue() -> Catalogue:
    """The catalogue that comes with the library: twelve services of a kelurahan. Look through it before
    you use it: what is local stands in it with the source that it was taken from."""
    text = importlib.resources.files(__package__).joinpath("services.toml").read_text("utf-8")
    return read_catalogue(text)


def load_catalogue(path: str | Path) -> Catalogue:
    """The catalogue in a file of one's own. Raises as `read_catalogue`, or StorageFailed."""
    with storage_errors("Reading", Path(path)):
        data = Path(path).read_bytes()
    try:
        return read_catalogue(data.decode("utf-8"), file=Path(path).name)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InvalidInput(
            f"{Path(path).name}, line {line}: this is not UTF-8; save it as UTF-8",
            file=Path(path).name, line=line, field="",
        ) from None  # fmt: skip


def read_catalogue(text: str, *, file: str = "services.toml") -> Catalogue:
    """The catalogue in the text of a file.

    Raises InvalidInput for the first mistake; its message and ``fields`` name ``file``, ``line`` and
    ``field``.
    """
    top = read_toml(text, file=file)
    services: dict[str, Service] = {}
    working_time = _calendar(top.table("working_time"))
    provinces = _provinces(top.table("regions")) if top.has("regions") else frozenset()
    known = _known_fields(top)
    for table in top.tables("service"):
        service = _service(table, known)
        if service.code in services:
            table.refuse("code", f"{service.code!r} is a service already; give another code")
        services[service.code] = service
    top.done()
    return Catalogue(services=services, calendar=working_time, provinces=provinces)


def _service(table: Table, known: Mapping[str, Field]) -> Service:
    code = _matching(table, "code", _CODE, "lower-case words with hyphens, such as 'belum-menikah'")
    fields = _fields(table, known)
    signed_by = tuple(_signing(each) for each in table.tables("signed_by"))
    service = Service(
        code=code,
        name=table.text("name"),
        kind=_matching(table, "kind", _CODE, "lower-case words with hyphens"),
        classification=_matching(table, "classification", _CLASSIFICATION, "such as '400.12.2.1'"),
        title=table.text("title"),
        opening=table.text("opening"),
        paragraphs=_paragraphs(table, {field.name for field in fields}),
        requirements=table.texts("requirements"),
        fields=fields,
        checked_by=table.text("checked_by"),
        drafted_by=table.text("drafted_by"),
        signed_by=signed_by,
        handed_over_by=table.text("handed_over_by"),
        promise=_promise(table.table("promise")),
        validity=_validity(table.table("validity")) if table.has("validity") else Validity(),
        fee=table.number("fee"),
        source=table.text("source"),
        holder=table.text("holder", "nama"),
    )
    holder = next((field for field in fields if field.name == service.holder), None)
    if holder is None or not holder.required or holder.type != "text":
        table.refuse("holder", f"{service.holder!r} must be a required field of type 'text'")
    table.done()
    return service


def _known_fields(top: Table) -> dict[str, Field]:
    """What services can ask for, by name."""
    known: dict[str, Field] = {}
    for each in top.tables("field"):
        field = _field(each)
        if field.name in known:
            each.refuse("name", f"{field.name!r} is a field already; give another name")
        known[field.name] = field
    return known


def _fields(table: Table, known: Mapping[str, Field]) -> tuple[Field, ...]:
    """The fields of a service, in the order in which it names them."""
    optional = table.texts("optional", ())
    chosen: dict[str, Field] = {}
    for key, names in (("fields", table.texts("fields")), ("optional", optional)):
        for name in names:
            if name not in known:
                table.refuse(key, f"{name!r} is no [[field]] of this file")
            if name in chosen:
                table.refuse(key, f"{name!r} is named twice; name it once")
            chosen[name] = attrs.evolve(known[name], required=key == "fields")
    return tuple(chosen.values())


def _field(table: Table) -> Field:
    field = Field(
        name=_matching(table, "name", _NAME, "lower-case letters, digits and _"),
        label=table.text("label"),
        type=_one_of(table, "type", FIELD_TYPES, "text"),
        shown=table.flag("shown", True),
        choices=table.texts("choices", ()),
    )
    if (field.type == "choice") != bool(field.choices):
        table.refuse("choices", "a field of type 'choice' has choices, and no other has")
    table.done()
    return field


def _signing(table: Table) -> Signing:
    signing = Signing(
        post=table.text("post"),
        level=_one_of(table, "level", _LEVELS, "own"),
        action=table.text("action", "Ditandatangani"),
    )
    table.done()
    return signing


def _promise(table: Table) -> Promise:
    minutes, days = table.number("minutes", 0), table.number("days", 0)
    if (minutes > 0) == (days > 0):
        table.refuse("", "write either minutes or days, above 0")
    table.done()
    return Promise(minutes=minutes, days=days)


def _validity(table: Table) -> Validity:
    validity = Validity(months=table.number("months", 0), days=table.number("days", 0))
    if not (validity.months or validity.days) or validity.months > 1200 or validity.days > 36500:
        table.refuse("", "write months or days, at most a hundred years; leave it out for no end")
    table.done()
    return validity


def _paragraphs(table: Table, names: set[str]) -> tuple[str, ...]:
    paragraphs = table.texts("paragraphs")
    for each in paragraphs:
        try:
            unknown = placeholders(each) - names
        except ValueError as error:
            table.refuse("paragraphs", f"{error} is no place for a field; write {{name}}")
        if unknown:
            table.refuse("paragraphs", f"{{{min(unknown)}}} is no field of this service")
    return paragraphs


def _calendar(table: Table) -> WorkingCalendar:
    hours_table, hours = table.table("hours"), {}
    for weekday, name in enumerate(_WEEKDAYS):
        if hours_table.has(name):
            hours[weekday] = tuple(
                _span(hours_table, name, each) for each in hours_table.texts(name)
            )
    hours_table.done()
    holidays_table, holidays = table.table("holidays"), {}
    for name in holidays_table.values:
        try:
            holidays[datetime.date.fromisoformat(name)] = holidays_table.text(name)
        except ValueError:
            holidays_table.refuse(name, "is no date such as 2026-08-17")
    table.text("source")
    timezone = table.text("timezone", "Asia/Jakarta")
    table.done()
    try:
        return WorkingCalendar(hours=hours, holidays=holidays, timezone=timezone)
    except InvalidInput as error:
        table.refuse(str(error.fields["field"]), error.message)


def _span(table: Table, key: str, text: str) -> Hours:
    if found := _SPAN.fullmatch(text):
        try:
            first, last, *_ = (datetime.time(int(found[n]), int(found[n + 1])) for n in (1, 3))
        except ValueError:
            pass
        else:
            return first, last
    return table.refuse(key, f"{text!r} is no time such as '07:30-12:00'")


def _provinces(table: Table) -> frozenset[str]:
    provinces = table.texts("provinces")
    if any(not re.fullmatch(r"[1-9]\d", each) for each in provinces):
        table.refuse("provinces", "write codes of two digits in quotes, such as '15'")
    table.text("source")
    table.done()
    return frozenset(provinces)


def _matching(table: Table, key: str, pattern: re.Pattern[str], what: str) -> str:
    value = table.text(key)
    if not pattern.fullmatch(value):
        table.refuse(key, f"is {value!r}; write {what}")
    return value


def _one_of(table: Table, key: str, known: Iterable[str], default: str) -> str:
    value = table.text(key, default)
    if value not in known:
        table.refuse(key, f"is {value!r}; write one of {', '.join(known)}")
    return value
