"""Runs a fuzz target under atheris; what every target shares: seeds on disk, the mutator, limits."""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import atheris
from mutation import mutated
from seeds import folder_seeds

from sipadek.errors import SipadekError

LIMITS = ("-timeout=20", "-rss_limit_mb=1500", "-malloc_limit_mb=1000", "-max_len=60000")


def run(target: Callable[[bytes], None], seeds: Iterable[bytes]) -> None:
    """Fuzz ``target`` for as long as libFuzzer's options say. Command line: [FOLDER of PDFs as more
    seeds] [libFuzzer options, first of all -max_total_time=SECONDS]."""
    options = [word for word in sys.argv[1:] if word.startswith("-")]
    folders = [Path(word) for word in sys.argv[1:] if not word.startswith("-")]

    def harness(data: bytes) -> None:
        try:
            target(data)
        except SipadekError:
            return

    def mutator(data: bytes, limit: int, seed: int) -> bytes:
        return mutated(data, limit, seed, atheris.Mutate)

    with tempfile.TemporaryDirectory(prefix="sipadek-fuzz-") as corpus:
        for source in (seeds, *map(folder_seeds, folders)):
            for data in source:
                Path(corpus, hashlib.sha256(data).hexdigest()[:20]).write_bytes(data)
        arguments = [sys.argv[0], *LIMITS, *options, corpus]
        atheris.Setup(arguments, harness, custom_mutator=mutator)
        atheris.Fuzz()
