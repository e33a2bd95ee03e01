"""django-sequences, as its documentation shows it: the peer that gives gap-free numbers."""

from __future__ import annotations

from pathlib import Path


class Sequences:
    """One sequence in an SQLite file, each number in a transaction of its own."""

    def __init__(self, folder: Path) -> None:
        import django
        from django.conf import settings

        if not settings.configured:
            settings.configure(
                INSTALLED_APPS=["sequences"],
                DATABASES={
                    "default": {
                        "ENGINE": "django.db.backends.sqlite3",
                        "NAME": str(folder / "django.sqlite"),
                        "OPTIONS": {
                            "timeout": 10,
                            "transaction_mode": "IMMEDIATE",
                            "init_command": "PRAGMA journal_mode = wal; PRAGMA synchronous = full;",
                        },
                    }
                },
            )
            django.setup()
        from django.core.management import call_command
        from django.db import connection, transaction
        from sequences import get_next_value

        if str(connection.settings_dict["NAME"]) != str(folder / "django.sqlite"):
            connection.close()
            connection.settings_dict["NAME"] = str(folder / "django.sqlite")
        if "sequences_sequence" not in connection.introspection.table_names():
            call_command("migrate", verbosity=0)
        self._transaction, self._next = transaction, get_next_value

    def one(self) -> None:
        """The next number, committed."""
        with self._transaction.atomic():
            self._next("sk")
