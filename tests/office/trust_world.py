"""The authority with all its services that the tests of signing have, for the tests of the office."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "signing"))

from signing_documents import DAY, NOW
from trust_parts import Trust, judged_links

__all__ = ["DAY", "NOW", "Trust", "judged_links"]
