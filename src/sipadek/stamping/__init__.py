"""What a stamp is, how it is drawn, and where on a page it goes."""

from __future__ import annotations

from sipadek.stamping.drawing import STAMP_HEIGHT, STAMP_WIDTH, draw
from sipadek.stamping.placement import place
from sipadek.stamping.stamp import Appearance, Placement, Stamp

__all__ = ["STAMP_HEIGHT", "STAMP_WIDTH", "Appearance", "Placement", "Stamp", "draw", "place"]
