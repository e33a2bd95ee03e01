"""The office's own synonyms: a file in its folder that can be edited at any time."""

from __future__ import annotations

from pathlib import Path

from sipadek.errors import InvalidInput, StorageFailed
from sipadek.search import Synonyms, default_synonyms


class OwnSynonyms:
    """The library's table with the lines of the file at ``path``, where there is one.

    Safe to share between threads: at worst two of them read the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: tuple[tuple[int, int], Synonyms] | None = None

    def current(self) -> Synonyms:
        """The table as it is now; the file is read again once it was changed.

        Raises:
            InvalidInput: a line cannot be understood, or the file is not UTF-8.
            StorageFailed: the file cannot be read.
        """
        try:
            stat = self._path.stat()
            state = stat.st_mtime_ns, stat.st_size
            if self._read is None or self._read[0] != state:
                own = Synonyms.parse(self._path.read_text("utf-8"), name=self._path.name)
                self._read = state, default_synonyms().replaced_by(own)
            return self._read[1]
        except FileNotFoundError:
            return default_synonyms()
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            raise InvalidInput(
                f"{self._path.name}, line {line}: it is not UTF-8. Save the file as UTF-8.",
                file=self._path.name,
                line=line,
            ) from None
        except OSError as error:
            raise StorageFailed(
                f"Cannot read {self._path}: {error.strerror}.", path=str(self._path)
            ) from error
