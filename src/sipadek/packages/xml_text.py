"""Making small XML documents that every parser takes."""

from __future__ import annotations

import re
from typing import Final
from xml.etree import ElementTree

# What XML 1.0 (section 2.2) has no way to hold.
_FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def child(parent: ElementTree.Element, name: str, text: str = "") -> ElementTree.Element:
    """A new element at the end of ``parent``; characters that XML cannot hold become U+FFFD."""
    element = ElementTree.SubElement(parent, name)
    if text:
        element.text = _FORBIDDEN.sub("\ufffd", text)
    return element


def document(root: ElementTree.Element) -> bytes:
    """The whole document in UTF-8, indented."""
    ElementTree.indent(root)
    data: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return data + b"\n"
