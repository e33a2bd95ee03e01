"""What a stamp is, how it is drawn, and where on a page it goes; marks on the pages of any PDF."""

from __future__ import annotations

from sipadek.stamping.appearing import Shown, appear, appear_in
from sipadek.stamping.drawing import STAMP_HEIGHT, STAMP_WIDTH, draw
from sipadek.stamping.marking import add_marks, marked, preview
from sipadek.stamping.marks import Code, Mark, Panel, Picture, Text, Watermark
from sipadek.stamping.placement import place
from sipadek.stamping.selection import selected
from sipadek.stamping.stamp import Appearance, Placement, Stamp

__all__ = [
    "STAMP_HEIGHT",
    "STAMP_WIDTH",
    "Appearance",
    "Code",
    "Mark",
    "Panel",
    "Picture",
    "Placement",
    "Shown",
    "Stamp",
    "Text",
    "Watermark",
    "add_marks",
    "appear",
    "appear_in",
    "draw",
    "marked",
    "place",
    "preview",
    "selected",
]
