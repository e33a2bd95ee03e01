"""Places that keep the bytes of letters."""

from __future__ import annotations

from sipadek.objects.directory import DirectoryStore

__all__ = ["DirectoryStore"]
