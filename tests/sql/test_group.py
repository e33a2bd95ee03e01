"""Many callers, one thread that writes."""

from __future__ import annotations

import concurrent.futures
import os
import threading
from pathlib import Path

import pytest
from numbers_desk import Desk
from sql_office import NOW, SERIES, Office, request

from sipadek.archive import Letter
from sipadek.errors import (
    DamagedRegister,
    KeyConflict,
    OfficeError,
    SipadekError,
    StorageFailed,
    UnsafeDatabase,
)
from sipadek.sql import GroupWriter


def test_every_caller_gets_a_number_of_its_own(office: Office) -> None:
    with (
        GroupWriter(office.register) as writer,
        concurrent.futures.ThreadPoolExecutor(16) as callers,
    ):
        letters = list(callers.map(lambda n: writer.reserve(request(f"k{n}")), range(200)))
    assert sorted(letter.sequence for letter in letters) == list(range(1, 201))
    assert [letter.key for letter in letters] == [f"k{n}" for n in range(200)]
    assert office.findings() == []


def test_commits_are_shared(office: Office) -> None:
    commits = []

    class Slow:
        def reserve(self, requests):  # type: ignore[no-untyped-def]
            commits.append(len(requests))
            first.wait(5)
            return office.register.reserve(requests)

    first = threading.Event()
    with GroupWriter(Slow()) as writer:
        answers = [writer.submit(request(f"k{n}")) for n in range(50)]
        first.set()
        assert len({answer.result().sequence for answer in answers}) == 50
    assert sum(commits) == 50
    assert len(commits) <= 3


def test_one_callers_error_is_its_own(office: Office) -> None:
    with GroupWriter(office.register) as writer:
        good = writer.submit(request("a"))
        same = writer.submit(request("a"))
        other = writer.submit(request("a", subject="lain"))
        assert good.result() == same.result()
        assert isinstance(other.exception(), KeyConflict)


def test_a_failed_commit_is_told_to_all_and_the_writer_goes_on(office: Office) -> None:
    fails = [True]

    class Failing:
        def reserve(self, requests):  # type: ignore[no-untyped-def]
            if fails.pop() if fails else False:
                raise StorageFailed("the disk is full")
            return office.register.reserve(requests)

    with GroupWriter(Failing()) as writer:
        with pytest.raises(StorageFailed):
            writer.reserve(request("a"))
        assert isinstance(writer.reserve(request("a")), Letter)


def test_no_one_is_answered_before_the_commit(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.register.define_series(SERIES, at=NOW)
    with GroupWriter(desk.register) as writer:
        with desk.planted("commit refused") as plant, pytest.raises(DamagedRegister):
            writer.reserve(request("a"))
        assert plant.hit
        assert writer.reserve(request("b")).sequence == 1
    assert [letter.key for letter in desk.register.letters()] == ["b"]
    assert desk.findings() == []
    desk.close()


def test_closing_answers_everyone(office: Office) -> None:
    writer = GroupWriter(office.register)
    answers = [writer.submit(request(f"k{n}")) for n in range(30)]
    writer.close()
    writer.close()
    assert all(answer.done() and not answer.exception() for answer in answers)
    with pytest.raises(OfficeError):
        writer.submit(request("late"))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_a_forked_child_is_refused(office: Office) -> None:
    with GroupWriter(office.register) as writer:
        writer.reserve(request("a"))
        child = os.fork()
        if not child:
            try:
                writer.submit(request("b"))
                os._exit(1)
            except UnsafeDatabase:
                os._exit(0)
            except SipadekError:
                os._exit(2)
        assert os.waitpid(child, 0)[1] == 0
        assert writer.reserve(request("c")).sequence == 2
