"""Make the database itself refuse to change, delete or slip in events."""

from __future__ import annotations

from typing import ClassVar

from django.apps.registry import Apps
from django.db import NotSupportedError, migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# INSERT OR REPLACE deletes without firing the delete trigger, so inserting anywhere but at the end is refused as well.
_SQLITE = {
    "registry_event_no_update": """
        CREATE TRIGGER registry_event_no_update BEFORE UPDATE ON registry_event
        BEGIN SELECT RAISE(ABORT, 'events are never changed'); END""",
    "registry_event_no_delete": """
        CREATE TRIGGER registry_event_no_delete BEFORE DELETE ON registry_event
        BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END""",
    "registry_event_only_at_end": """
        CREATE TRIGGER registry_event_only_at_end BEFORE INSERT ON registry_event
        WHEN NEW.sequence IS NOT (SELECT COALESCE(MAX(sequence), 0) + 1 FROM registry_event)
          OR EXISTS (SELECT 1 FROM registry_event
                     WHERE sha256 = NEW.sha256 OR previous_sha256 = NEW.previous_sha256)
        BEGIN SELECT RAISE(ABORT, 'events are only added at the end'); END""",
}


def protect(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create the triggers; a database that we have none for is refused rather than left unprotected."""
    _need_sqlite(schema_editor)
    for statement in _SQLITE.values():
        schema_editor.execute(statement)


def unprotect(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Drop the triggers."""
    _need_sqlite(schema_editor)
    for name in _SQLITE:
        schema_editor.execute(f"DROP TRIGGER {name}")


def _need_sqlite(schema_editor: BaseDatabaseSchemaEditor) -> None:
    vendor = schema_editor.connection.vendor
    if vendor != "sqlite":
        raise NotSupportedError(f"no triggers that protect the events are written for {vendor} yet")


class Migration(migrations.Migration):
    """Triggers on the table of events."""

    dependencies: ClassVar = [("registry", "0001_initial")]
    operations: ClassVar = [migrations.RunPython(protect, unprotect)]
