"""Hosts that use SQLAlchemy. It is theirs: nothing here imports it for a host that does not."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlalchemy as sa


def sqlalchemy_connection(host: object) -> sa.Connection | None:
    """SQLAlchemy's connection that ``host`` is, or that its session has; None for anything else."""
    if "sqlalchemy" not in sys.modules:
        return None
    import sqlalchemy as sa
    from sqlalchemy.orm import Session

    if isinstance(host, Session):
        host = host.connection()
    return host if isinstance(host, sa.Connection) else None
