"""Packages of letters for others: BagIt and OCFL, with Dublin Core and PREMIS."""

from __future__ import annotations

from sipadek.packages.bagit import BagWriter
from sipadek.packages.dublin_core import dublin_core
from sipadek.packages.ocfl import OcflWriter
from sipadek.packages.packing import Digests, PackedFile
from sipadek.packages.premis import premis

__all__ = ["BagWriter", "Digests", "OcflWriter", "PackedFile", "dublin_core", "premis"]
