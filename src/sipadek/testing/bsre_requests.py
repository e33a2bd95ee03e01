"""Requests to a double of the BSrE service, read and checked as strictly as the service does."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

import attrs

from sipadek.pdf import Document, geometry
from sipadek.testing.bsre_signing import Place

_NIK = re.compile(r"[0-9]{16}")
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


class Refused(Exception):
    """The service answers 400 with this code and text."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def read_form(headers: Mapping[str, str], body: bytes) -> tuple[dict[str, str], dict[str, bytes]]:
    """The fields and the files of a multipart form."""
    boundary = re.search(r'boundary="?([^";]+)', headers["content-type"])
    if boundary is None:
        raise ValueError("a multipart form was expected")
    fields: dict[str, str] = {}
    files: dict[str, bytes] = {}
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary[1].encode())[1:-1]:
        head, _, data = part.partition(b"\r\n\r\n")
        named = re.search(rb'name="([^"]*)"', head)
        if named is None:
            raise ValueError("a part of the form has no name")
        if b"filename=" in head:
            files[named[1].decode()] = data
        else:
            fields[named[1].decode()] = data.decode()
    return fields, files


def read_json(body: bytes) -> dict[str, Any]:
    """A JSON object."""
    value = json.loads(body)
    if not isinstance(value, dict):
        raise TypeError("an object was expected")
    return value


@attrs.frozen(kw_only=True)
class Signing:
    """What is asked for by a request to sign, in one convention for both versions."""

    pdf: bytes
    nik: str = ""
    passphrase: str | None = None
    totp: str | None = None
    reason: str = ""
    place: Place | None = None
    password: str | None = None

    @classmethod
    def v1(cls, form: dict[str, str], files: dict[str, bytes]) -> Signing:
        """From a form of version 1, whose y counts from the page's lower edge."""
        pdf = files["file"]
        place = None
        if form["tampilan"] == "visible":
            if form["image"] == "true":
                _check_picture(files["imageTTD"])
            elif not form["linkQR"]:
                raise Refused(2000, "linkQR kosong")
            width, height = float(form["width"]), float(form["height"])
            count = len(list(Document.open(pdf).pages()))
            page = {"pertama": 1, "terakhir": count}.get(form.get("halaman", "")) or int(
                form["page"]
            )
            if "tag_koordinat" in form:
                place = _tagged(page, form["tag_koordinat"], width, height)
            else:
                x, y = float(form["xAxis"]), float(form["yAxis"])
                place = Place(page=page, box=(x, y, x + width, y + height))
        nik = _nik(form["nik"])
        reason = form.get("reason", "")
        return cls(pdf=pdf, nik=nik, passphrase=form["passphrase"], reason=reason, place=place)

    @classmethod
    def v2(cls, value: dict[str, Any]) -> Signing:
        """From a request of version 2, whose y counts from the page's upper edge."""
        (file,), (asked,) = value["file"], value["signatureProperties"]
        pdf, password = base64.b64decode(file, validate=True), asked.get("pdfPassword")
        place = None
        if asked["tampilan"] == "VISIBLE":
            _check_picture(base64.b64decode(asked["imageBase64"], validate=True))
            page, width, height = int(asked["page"]), float(asked["width"]), float(asked["height"])
            if "tag_koordinat" in asked:
                place = _tagged(page, asked["tag_koordinat"], width, height)
            else:
                document = Document.open(pdf, password=password)
                shape = geometry(document, [each for _, each in document.pages()][page - 1])
                x, top = float(asked["originX"]), shape.size[1] - float(asked["originY"])
                place = Place(page=page, box=(x, top - height, x + width, top))
        return cls(
            pdf=pdf,
            nik=_nik(value["nik"]) if "nik" in value else "",
            passphrase=value.get("passphrase"),
            totp=value.get("totp"),
            reason=asked.get("reason", ""),
            place=place,
            password=password,
        )


def _nik(value: object) -> str:
    if not isinstance(value, str) or not _NIK.fullmatch(value):
        raise Refused(2000, "NIK harus 16 digit")
    return value


def _tagged(page: int, tag: str, width: float, height: float) -> Place:
    if len(tag) != 1:
        raise Refused(2000, "Tag koordinat harus satu karakter")
    return Place(page=page, tag=tag, width=width, height=height)


def _check_picture(data: bytes) -> None:
    if not data.startswith(_PICTURES):
        raise Refused(2000, "imageTTD harus png atau jpg")
