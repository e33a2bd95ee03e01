"""``python -m sipadek`` is the command ``sipadek``."""

from __future__ import annotations

import sys

from sipadek.cli import main

if __name__ == "__main__":
    sys.exit(main())
