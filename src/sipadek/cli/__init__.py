"""The command line: ``sipadek COMMAND OFFICE …``."""

from __future__ import annotations

from sipadek.cli.app import main

__all__ = ["main"]
