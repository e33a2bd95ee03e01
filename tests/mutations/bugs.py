"""Bugs to plant, each an exact text of a source file and what stands there instead.

``tests`` are those that should notice: the state machine where it can, or first the quickest that know
the rule.
"""

from __future__ import annotations

from pathlib import Path

import attrs

MODEL = "tests/sql/test_numbers_model.py"
NUMBERS = "tests/sql/test_numbers.py"
BOUND = "tests/sql/test_bound.py"
DATABASE = "tests/sql/test_database.py"
GROUP = "tests/sql/test_group.py"
LAWS = "tests/numbering/test_laws.py"
SERIES = "tests/numbering/test_series.py"
REGISTER = "tests/sql/test_register.py"
SELDOM = "tests/sql/test_numbers_seldom.py"
POSTGRES_MODEL = "tests/postgres/test_model.py"
POSTGRES_HOST = "tests/postgres/test_host.py"
CONTRACT = "tests/postgres/test_contract.py"
SEALED = "tests/postgres/test_sealed.py"
TOGETHER = "tests/postgres/test_together.py"


@attrs.frozen
class Bug:
    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...] = (MODEL, NUMBERS)

    def misplaced(self, sources: Path) -> str:
        """Why the bug cannot be planted there; empty if it can."""
        count = (sources / "sipadek" / self.file).read_text(encoding="utf-8").count(self.old)
        return "" if count == 1 else f"{self.name}: {self.file} has {self.old!r} {count} times."

    def plant(self, sources: Path) -> None:
        file = sources / "sipadek" / self.file
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace(self.old, self.new), encoding="utf-8")


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
        "return series.render(sequence, fields)\n",
        "return series.render(sequence, attrs.evolve(fields, date=self._at.date()))\n",
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
    ),
    Bug(
        "older book is numbered anew",
        "sql/legacy.py",
        "[_row(series.code, one) for one in numbers]",
        "[\n            _row(series.code, __import__('attrs').evolve(one, sequence=n))\n"
        "            for n, one in enumerate(numbers, series.start)\n        ]",
    ),
    Bug(
        "older book sets a counter in use",
        "sql/legacy.py",
        "        if connection.execute(_USED, (series.code, counter)).fetchone() is not None:\n",
        '        connection.execute("DELETE FROM sipadek_counter WHERE series = ? AND counter = ?",'
        " (series.code, counter))\n        if False:\n",
    ),
    Bug(
        "refused request leaves a hole",
        "sql/reserving.py",
        "        sequence = self._next(series, counter)\n",
        "        sequence = self._next(series, counter)\n"
        "        self._last[series.code, counter] = sequence\n",
    ),
    # --- numbers as texts -------------------------------------------------------------------
    Bug(
        "number read with zeros too many",
        "numbering/fields.py",
        "        text = self.write(int(piece))\n        if text != piece:\n",
        "        text = self.write(int(piece))\n        if False:\n",
        (LAWS,),
    ),
    Bug(
        "text after a number is not read",
        "numbering/pattern.py",
        "        if position != len(text):\n",
        "        if not text:\n",
        (LAWS,),
    ),
    Bug(
        "series without its scope in the number",
        "numbering/series.py",
        "            _check_scope(self.scope, pattern, kinds)\n",
        "",
        (SERIES,),
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
        (f"{REGISTER}::test_a_key_with_anything_else_is_a_conflict", MODEL),
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
        (NUMBERS,),
    ),
    Bug(
        "confirmed again at a later time",
        "sql/issuing.py",
        "        if letter.state is State.RESERVED:\n            check_bare(letter)",
        "        if letter.state is not State.VOID:\n            check_bare(letter)",
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
        (MODEL, SELDOM),
    ),
    Bug(
        "draw takes a number of another date",
        "sql/reserving.py",
        "counter = ? AND document_date = ? AND stock = key",
        "counter = ? AND document_date <= ? AND stock = key",
    ),
    Bug(
        "number drawn twice",
        "sql/reserving.py",
        "document_date = ? AND stock = key",
        "document_date = ? AND stock <> ''",
    ),
    Bug(
        "stock grows with each repeat",
        "sql/reserving.py",
        "WHERE stock = ? AND stock <> ''",
        "WHERE stock = ? AND stock = key",
        (NUMBERS, MODEL),
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
    ),
    Bug(
        "closed month ignored",
        "sql/reserving.py",
        "(series.code, year, month)",
        "(series.code, year, year)",
    ),
    Bug(
        "closing forgets what is held",
        "sql/numbers.py",
        " AND document_date LIKE ? || '-%' ORDER BY position",
        " AND counter LIKE '%' || ? ORDER BY position",
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
        "counters committed before their numbers",
        "sql/reserving.py",
        "        self._connection.executemany(rows.INSERT, self._rows)\n",
        '        self._connection.execute("COMMIT")\n'
        '        self._connection.execute("BEGIN IMMEDIATE")\n'
        "        self._connection.executemany(rows.INSERT, self._rows)\n",
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
        "with self.queue.hold(), self._use(writing=True) as connection:",
        "with self._use(writing=False) as connection:",
        (f"{REGISTER}::test_processes_and_threads_race_over_keys_and_counters",),
    ),
    Bug(
        "failed operation stays in the host's transaction",
        "sql/bound.py",
        '                    connection.execute("ROLLBACK TO sipadek")\n',
        "",
        (MODEL, SELDOM),
    ),
    Bug(
        "host's transaction is committed for it",
        "sql/bound.py",
        '            connection.execute("RELEASE sipadek")\n\n',
        '            connection.execute("COMMIT")\n            connection.execute("BEGIN")\n\n',
        (MODEL, BOUND),
    ),
    Bug(
        "refused commit is acknowledged",
        "sql/database.py",
        "            connection.commit()\n\n",
        "            with contextlib.suppress(Exception):\n                connection.commit()\n\n",
    ),
    Bug(
        "commits do not wait for the disk",
        "sql/database.py",
        '("synchronous", 2)',
        '("synchronous", 1)',
        (DATABASE,),
    ),
    Bug(
        "settings not insisted upon",
        "sql/database.py",
        "            if found != wanted:\n",
        "            if False:\n",
        (DATABASE,),
    ),
    Bug(
        "host's synchronous not insisted upon",
        "sql/bound.py",
        "    if mode not in _LEAST or synchronous < _LEAST[mode]:\n",
        "    if mode not in _LEAST:\n",
        (BOUND,),
    ),
    Bug(
        "group is answered before the commit",
        "sql/group.py",
        "        try:\n"
        "            outcomes = self._numbers.reserve([request for request, _ in wanted])\n"
        "        except BaseException as error:\n"
        "            for _, answer in wanted:\n"
        "                answer.set_exception(error)\n"
        "            return\n"
        "        for (_, answer), outcome in zip(wanted, outcomes, strict=True):\n",
        "        from sipadek.sql.reserving import Reserving\n\n"
        "        run, early = Reserving.run, []\n\n"
        "        def answering(work, prepared):\n"
        "            early[:] = run(work, prepared)\n"
        "            self._tell(wanted, early)\n"
        "            return list(early)\n\n"
        "        Reserving.run = answering\n"
        "        try:\n"
        "            outcomes = self._numbers.reserve([request for request, _ in wanted])\n"
        "        except BaseException as error:\n"
        "            for _, answer in [] if early else wanted:\n"
        "                answer.set_exception(error)\n"
        "            return\n"
        "        finally:\n"
        "            Reserving.run = run\n"
        "        if not early:\n"
        "            self._tell(wanted, outcomes)\n\n"
        "    def _tell(self, wanted, outcomes):\n"
        "        for (_, answer), outcome in zip(wanted, outcomes, strict=True):\n",
        (GROUP,),
    ),
    Bug(
        "group's answers are swapped",
        "sql/group.py",
        "in zip(wanted, outcomes, strict=True):",
        "in zip(wanted, sorted(outcomes, key=lambda one: -getattr(one, 'sequence', 0))):",
        (GROUP,),
    ),
    Bug(
        "last group is not answered",
        "sql/group.py",
        "                        self._answer(group)\n                        return\n",
        "                        return\n",
        (GROUP,),
    ),
    # --- PostgreSQL -------------------------------------------------------------------------
    Bug(
        "event of a single number left out",
        "postgres/single.py",
        '" FROM given, taken)"',
        '" FROM given, taken WHERE taken.last < 2)"',
        (POSTGRES_MODEL,),
    ),
    Bug(
        "events of what a closing makes void left out",
        "postgres/acts.py",
        "outbox.leave(handle, [*logged, (None, event)])",
        "outbox.leave(handle, [(None, event)])",
        (POSTGRES_MODEL,),
    ),
    Bug(
        "long outbox loses its last event",
        "postgres/outbox.py",
        "        handle.run(_MANY, [list(each) for each in zip(*events, strict=True)])",
        "        handle.run(_MANY, [list(each) for each in zip(*events[:-1], strict=True)])",
        (f"{TOGETHER}::test_threads_on_the_same_counters",),
    ),
    Bug(
        "key in a race gets a second number",
        "postgres/schema.py",
        "CONSTRAINT entry_key UNIQUE (key)",
        "CONSTRAINT entry_key UNIQUE (key, id)",
        (f"{TOGETHER}::test_the_same_key_from_many",),
    ),
    Bug(
        "lost race is an error",
        "postgres/faults.py",
        '{"entry_key", "entry_stock"}',
        '{"entry_stock"}',
        (f"{TOGETHER}::test_the_same_key_from_many",),
    ),
    Bug(
        "sealing skips what was committed late",
        "postgres/sealing.py",
        "FROM sipadek.outbox ORDER BY id LIMIT %s",
        "FROM sipadek.outbox WHERE id > (SELECT size FROM sipadek.log_head) ORDER BY id LIMIT %s",
        (SEALED,),
    ),
    Bug(
        "single number in a closed period",
        "postgres/single.py",
        '" AND NOT shut && %s::text[] AND',
        '" AND NOT shut = %s::text[] AND',
        (CONTRACT,),
    ),
    Bug(
        "lease ends between reading and confirming",
        "postgres/changing.py",
        'WHERE id = ANY(%s) ORDER BY position FOR UPDATE"',
        'WHERE id = ANY(%s) ORDER BY position"',
        (POSTGRES_HOST,),
    ),
    Bug(
        "failed operation stays in the transaction of a host",
        "postgres/bound.py",
        '                handle.run("ROLLBACK TO SAVEPOINT sipadek")\n',
        "",
        (POSTGRES_MODEL, POSTGRES_HOST),
    ),
    Bug(
        "transaction of a host is committed for it",
        "postgres/bound.py",
        '            raise\n        handle.run("RELEASE SAVEPOINT sipadek")\n',
        '            raise\n        handle.run("COMMIT")\n        handle.run("BEGIN")\n',
        (POSTGRES_MODEL,),
    ),
    Bug(
        "server that does not wait for the disk",
        "postgres/place.py",
        "    if synchronous not in _DURABLE:\n",
        "    if False:\n",
        (POSTGRES_HOST,),
    ),
)
