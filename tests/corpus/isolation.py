"""Run a function on many items, each in a forked child that may crash or hang at its own cost.

Judges load hostile files into native code. A process pool would lose every pending item when one
worker dies, so each item gets a child of its own: about 5 ms, and a crash or a hang names its file.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

import attrs

Item = TypeVar("Item")
Result = TypeVar("Result")


@attrs.frozen
class Ended(Generic[Item, Result]):
    """How one item ended: with a result, or with a failure ('hang', 'crash …', a traceback)."""

    item: Item
    result: Result | None
    failure: str
    seconds: float


@attrs.define
class _Child(Generic[Item]):
    item: Item
    process: BaseProcess
    receiver: Connection
    started: float


def run_each(
    function: Callable[[Item], Result], items: Iterable[Item], *, workers: int, seconds: float
) -> Iterator[Ended[Item, Result]]:
    """Yield an `Ended` per item in the order they end; at most ``workers`` run at once, and a
    child that takes longer than ``seconds`` is killed."""
    waiting = iter(items)
    live: dict[Connection, _Child[Item]] = {}
    exhausted = False
    while live or not exhausted:
        while not exhausted and len(live) < workers:
            try:
                child = _start(function, next(waiting))
            except StopIteration:
                exhausted = True
            else:
                live[child.receiver] = child
        ready = multiprocessing.connection.wait(list(live), timeout=0.5)
        for receiver in [r for r in ready if isinstance(r, Connection)]:
            yield _collect(live.pop(receiver))
        now = time.monotonic()
        for child in [c for c in live.values() if now - c.started > seconds]:
            del live[child.receiver]
            yield _kill(child)


def _start(function: Callable[[Item], Result], item: Item) -> _Child[Item]:
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(function, item, sender), daemon=True)
    process.start()
    sender.close()
    return _Child(item, process, receiver, time.monotonic())


def _child(function: Callable[[Item], Any], item: Item, sender: Connection) -> None:
    try:
        sender.send((function(item), ""))
    except Exception:
        sender.send((None, traceback.format_exc()))


def _collect(child: _Child[Item]) -> Ended[Item, Any]:
    try:
        result, failure = child.receiver.recv()
        child.process.join()
    except EOFError:
        child.process.join()
        result, failure = None, f"crash (exit {child.process.exitcode})"
    child.receiver.close()
    return Ended(child.item, result, failure, time.monotonic() - child.started)


def _kill(child: _Child[Item]) -> Ended[Item, Any]:
    child.process.kill()
    child.process.join()
    child.receiver.close()
    return Ended(child.item, None, "hang", time.monotonic() - child.started)
