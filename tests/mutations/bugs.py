"""Bugs to plant, each an exact text of a source file and what stands there instead.

``tests`` are those that should notice: the state machine, or first the quickest that know the rule.
"""

from __future__ import annotations

import attrs

MODEL = "tests/sql/test_numbers_model.py"
NUMBERS = "tests/sql/test_numbers.py"
SERIES = "tests/numbering/test_series.py"
REGISTER = "tests/sql/test_register.py::test_a_key_with_anything_else_is_a_conflict"
SELDOM = "tests/sql/test_numbers_seldom.py"


@attrs.frozen
class Bug:
    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...] = (MODEL, NUMBERS)


BUGS = (
    # --- counters ---------------------------------------------------------------------------
    Bug(
        "starts one too high",
        "sql/reserving.py",
        "last = row[0] if row else series.start - 1",
        "last = row[0] if row else series.start",
    ),
    Bug(
        "batch gives a number twice",
        "sql/reserving.py",
        "        last = self._last.get((series.code, counter))\n",
        "        last = None\n",
        (NUMBERS, MODEL),
    ),
    Bug(
        "series share a counter",
        "sql/reserving.py",
        '"SELECT last FROM sipadek_counter WHERE series = ? AND counter = ?"',
        "\"SELECT max(last) FROM sipadek_counter WHERE ? <> '' AND counter = ?\"",
    ),
    Bug(
        "scope left out of the counter",
        "numbering/series.py",
        "for name in self.scope]\n        return",
        "for name in self.scope[1:]]\n        return",
    ),
    Bug(
        "scopes collide",
        "numbering/series.py",
        'return value.replace("%", "%25").replace(";", "%3B")',
        "return value",
        (SERIES, MODEL),
    ),
    Bug(
        "year of the clock",
        "sql/reserving.py",
        "        counter = series.counter(fields)\n",
        "        counter = series.counter(attrs.evolve(fields, date=self._at.date()))\n",
    ),
    Bug(
        "number with the clock's month",
        "sql/reserving.py",
        "series.render(sequence, fields))\n",
        "series.render(sequence, attrs.evolve(fields, date=self._at.date())))\n",
    ),
    Bug(
        "day of the clock in UTC",
        "numbering/series.py",
        "return moment.astimezone(_zone(self.timezone)).date()",
        "return moment.astimezone(datetime.UTC).date()",
    ),
    Bug(
        "older book sets the counter too low",
        "sql/legacy.py",
        "last = max(one.sequence for one in numbers)",
        "last = max(one.sequence for one in numbers if one.kind is LegacyKind.NUMBER)",
        (NUMBERS, MODEL),
    ),
    # --- keys -------------------------------------------------------------------------------
    Bug(
        "key conflict missed",
        "sql/reserving.py",
        "        if known != print_:\n",
        "        if False:\n",
    ),
    Bug(
        "fingerprint without the subject",
        "sql/rows.py",
        "        details.series,\n        details.subject,\n",
        "        details.series,\n",
        (REGISTER, MODEL),
    ),
    Bug(
        "repeat hands out a void number",
        "sql/reserving.py",
        "        if letter.state is State.VOID:\n            raise NumberVoid(",
        "        if False:\n            raise NumberVoid(",
    ),
    # --- void, leases -----------------------------------------------------------------------
    Bug(
        "void is lost",
        "sql/voiding.py",
        "    connection.execute(rows.VOID, (reason, position))\n",
        "",
    ),
    Bug(
        "void is not logged",
        "sql/numbers.py",
        "            self._log.append(connection, [(row[0], event)])\n",
        "            del event\n",
    ),
    Bug(
        "expired number is given again",
        "sql/voiding.py",
        "        logged.append((row[0], event))\n",
        "        logged.append((row[0], event))\n"
        "        connection.execute(\n"
        '            "UPDATE sipadek_counter SET last = last - 1 WHERE series = ? AND counter = ?",\n'
        "            (letter.details.series, letter.counter),\n"
        "        )\n",
    ),
    Bug(
        "lease ignored at confirmation",
        "sql/issuing.py",
        "if letter.state is State.VOID or lapsed(letter, at):",
        "if letter.state is State.VOID:",
    ),
    Bug(
        "lease ends a moment late",
        "sql/voiding.py",
        "letter.expires_at is not None and letter.expires_at <= at",
        "letter.expires_at is not None and letter.expires_at < at",
        (NUMBERS, MODEL),
    ),
    Bug(
        "confirmed again at a later time",
        "sql/issuing.py",
        "        if letter.state is State.RESERVED:\n            if letter.original_digest",
        "        if letter.state is not State.VOID:\n            if letter.original_digest",
    ),
    # --- insertion, stock, papers -----------------------------------------------------------
    Bug(
        "insertion moves the counter",
        "sql/reserving.py",
        "        return self._add(attrs.evolve(letter, insertion=insertion, reason=reason), print_)",
        "        self._last[series.code, counter] = self._next(series, counter)\n"
        "        return self._add(attrs.evolve(letter, insertion=insertion, reason=reason), print_)",
    ),
    Bug(
        "inserted after the first number",
        "sql/reserving.py",
        '" AND key <> stock ORDER BY sequence DESC LIMIT 1"',
        '" AND key <> stock ORDER BY sequence LIMIT 1"',
        (SELDOM, MODEL),
    ),
    Bug(
        "draw takes a number of another date",
        "sql/reserving.py",
        "counter = ? AND document_date = ? AND stock = key",
        "counter = ? AND document_date <= ? AND stock = key",
        (NUMBERS, MODEL),
    ),
    Bug(
        "number drawn twice",
        "sql/reserving.py",
        "document_date = ? AND stock = key",
        "document_date = ? AND stock <> ''",
        (NUMBERS, MODEL),
    ),
    Bug(
        "stock grows with each repeat",
        "sql/reserving.py",
        "WHERE stock = ? AND stock <> ''",
        "WHERE stock = ? AND stock = key",
    ),
    Bug(
        "half a paper is kept",
        "sql/numbers.py",
        "            letters = work.together(reserving.prepare(requests))\n",
        "            try:\n"
        "                letters = work.together(reserving.prepare(requests))\n"
        "            except SipadekError:\n"
        "                self._log.append(connection, work.write())\n"
        '                connection.execute("COMMIT")\n'
        "                raise\n",
    ),
    # --- periods ----------------------------------------------------------------------------
    Bug(
        "closed period ignored",
        "sql/reserving.py",
        "            if row is not None:\n                raise PeriodClosed(",
        "            if False:\n                raise PeriodClosed(",
        (NUMBERS, MODEL),
    ),
    Bug(
        "closing forgets what is held",
        "sql/numbers.py",
        "ESCAPE '\\\\' OR document_year = ?)",
        "ESCAPE '\\\\' AND document_year = ?)",
    ),
    # --- transactions -----------------------------------------------------------------------
    Bug(
        "numbers committed before their events",
        "sql/reserving.py",
        "        self._connection.executemany(rows.INSERT, self._rows)\n",
        "        self._connection.executemany(rows.INSERT, self._rows)\n"
        '        self._connection.execute("COMMIT")\n'
        '        self._connection.execute("BEGIN IMMEDIATE")\n',
    ),
    Bug(
        "failed operation is committed",
        "sql/database.py",
        "            yield connection\n            # SQLite",
        "            try:\n"
        "                yield connection\n"
        "            except Exception:\n"
        '                connection.execute("COMMIT")\n'
        "                raise\n"
        "            # SQLite",
    ),
    Bug(
        "lost transaction is acknowledged",
        "sql/database.py",
        "            if not connection.in_transaction:\n                raise StorageFailed(",
        "            if False:\n                raise StorageFailed(",
    ),
    Bug(
        "writers do not queue",
        "sql/database.py",
        "with self.queue.hold(), self._use(self._writer) as connection:",
        "with self._use(self._engine) as connection:",
        ("tests/sql/test_register.py::test_processes_and_threads_race_over_keys_and_counters",),
    ),
    Bug(
        "failed operation stays in the host's transaction",
        "sql/bound.py",
        '                    connection.execute("ROLLBACK TO sipadek")\n',
        "",
        (SELDOM, "tests/sql/test_bound.py"),
    ),
    Bug(
        "host's transaction is committed for it",
        "sql/bound.py",
        '            connection.execute("RELEASE sipadek")\n\n',
        '            connection.execute("COMMIT")\n            connection.execute("BEGIN")\n\n',
        ("tests/sql/test_bound.py", MODEL),
    ),
)
