"""Reading a city's own tables from TOML, with what is wrong in them told by its line. Pure."""

from __future__ import annotations

from sipadek.settings.toml_lines import Table, broken_line, key_lines, read_toml

__all__ = ["Table", "broken_line", "key_lines", "read_toml"]
