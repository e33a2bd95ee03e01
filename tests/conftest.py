"""How many examples of each property are tried: few on every run, many on request.

Examples differ from run to run, so every run adds to what was tried. No example is timed: the first
use of a library imports it, and machines are busy.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

_UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("usual", _UNTIMED, max_examples=30, derandomize=False)
settings.register_profile("thorough", _UNTIMED, max_examples=1000)
settings.load_profile("usual")  # pytest's --hypothesis-profile comes after this, and wins
