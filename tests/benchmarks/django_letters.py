"""django-sequences on PostgreSQL, as its documentation shows it: a row made in the transaction of its
number, so that neither is kept without the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Letters:
    """A table of letters, with the columns and unique indexes that the numbers beside it have."""

    def __init__(self, dsn: str) -> None:
        import django
        from django.conf import settings
        from psycopg.conninfo import conninfo_to_dict

        if not settings.configured:
            told = conninfo_to_dict(dsn)
            place = {"HOST": told["host"], "USER": told["user"], "NAME": told["dbname"]}
            settings.configure(
                INSTALLED_APPS=["sequences"],
                USE_TZ=True,
                DATABASES={
                    "default": {
                        "ENGINE": "django.db.backends.postgresql",
                        "CONN_MAX_AGE": None,
                        **place,
                    }
                },
            )
            django.setup()
        from django.core.management import call_command
        from django.db import connection, models, transaction
        from sequences import get_next_value

        class Letter(models.Model):
            class Meta:
                app_label = "letters"

            number = models.TextField(unique=True)
            key = models.TextField(unique=True)
            unit = models.TextField()
            subject = models.TextField()
            day = models.DateField()
            digest = models.TextField()
            size = models.BigIntegerField()
            reserved_at = models.DateTimeField()

        tables = connection.introspection.table_names()
        if "sequences_sequence" not in tables:
            call_command("migrate", verbosity=0)
            with connection.schema_editor() as editor:
                editor.create_model(Letter)
        connection.close()
        self._letter, self._atomic, self._next = Letter, transaction.atomic, get_next_value

    def give(self, sequence: str, number: Callable[[int], str], **values: Any) -> None:
        """A letter with the next number, committed."""
        with self._atomic():
            given = number(self._next(sequence))
            self._letter.objects.create(number=given, **values)
