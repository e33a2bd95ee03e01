"""How many examples of each property are tried: few on every run, many on request. And one process
that judges signatures for all tests of a run.

Examples differ from run to run, so every run adds to what was tried. No example is timed: the first
use of a library imports it, and machines are busy. Nothing of the library is imported before a test
runs: in the processes of xdist, coverage begins only after this file.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import coverage
import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from sipadek.signing import Verifier

_UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("usual", _UNTIMED, max_examples=30, derandomize=False)
settings.register_profile("thorough", _UNTIMED, max_examples=1000)
settings.load_profile("usual")  # pytest's --hypothesis-profile comes after this, and wins


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """``no_cover`` holds in the processes of xdist too: there pytest-cov has begun to measure twice,
    and what it stops lets the other go on."""
    marked = item.get_closest_marker("no_cover") is not None
    other = coverage.Coverage.current() if marked else None
    if other is None:
        return (yield)
    other.stop()
    try:
        return (yield)
    finally:
        other.start()


@pytest.fixture(scope="session", autouse=True)
def one_judge_for_all() -> Iterator[Any]:
    """Every verifier with the usual limits asks one child process. It starts once in a run, and not in
    each of some hundred tests: that takes longer than judging. ``own_judges`` undoes it.
    """
    from sipadek.signing import Verifier
    from sipadek.signing.verifying.worker import STANDARD_LIMITS

    alone = Verifier.judge
    with Verifier() as shared, pytest.MonkeyPatch.context() as patch:

        def judge(verifier: Verifier, *asked: Any) -> Any:
            usual = verifier._limits == STANDARD_LIMITS
            return alone(shared if usual else verifier, *asked)

        patch.setattr(Verifier, "judge", judge)
        yield alone


@pytest.fixture
def own_judges(one_judge_for_all: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each verifier has a child process of its own, as outside of the tests."""
    monkeypatch.setattr("sipadek.signing.Verifier.judge", one_judge_for_all)
