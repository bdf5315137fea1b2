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


# PostgreSQL knows no INSERT OR REPLACE; its unique columns refuse a repeated digest. Nothing but TRUNCATE passes the
# triggers of rows, so it has its own.
_POSTGRESQL = {
    "registry_event_no_update": """
        CREATE TRIGGER registry_event_no_update BEFORE UPDATE ON registry_event
        FOR EACH ROW EXECUTE FUNCTION registry_event_refuse('events are never changed')""",
    "registry_event_no_delete": """
        CREATE TRIGGER registry_event_no_delete BEFORE DELETE ON registry_event
        FOR EACH ROW EXECUTE FUNCTION registry_event_refuse('events are never deleted')""",
    "registry_event_no_truncate": """
        CREATE TRIGGER registry_event_no_truncate BEFORE TRUNCATE ON registry_event
        FOR EACH STATEMENT EXECUTE FUNCTION registry_event_keep_all()""",
    "registry_event_only_at_end": """
        CREATE TRIGGER registry_event_only_at_end BEFORE INSERT ON registry_event
        FOR EACH ROW EXECUTE FUNCTION registry_event_at_end()""",
}
_POSTGRESQL_FUNCTIONS = {
    "registry_event_refuse": """
        CREATE FUNCTION registry_event_refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$""",
    "registry_event_keep_all": """
        CREATE FUNCTION registry_event_keep_all() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN
          IF EXISTS (SELECT FROM registry_event) THEN
            RAISE EXCEPTION 'events are never deleted';
          END IF;
          RETURN NULL;
        END $$""",
    "registry_event_at_end": """
        CREATE FUNCTION registry_event_at_end() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN
          IF NEW.sequence IS DISTINCT FROM (SELECT COALESCE(MAX(sequence), 0) + 1 FROM registry_event) THEN
            RAISE EXCEPTION 'events are only added at the end';
          END IF;
          RETURN NEW;
        END $$""",
}


def protect(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create the triggers; a database that we have none for is refused rather than left unprotected."""
    if _is_postgresql(schema_editor):
        statements = [*_POSTGRESQL_FUNCTIONS.values(), *_POSTGRESQL.values()]
    else:
        statements = [*_SQLITE.values()]
    for statement in statements:
        schema_editor.execute(statement, params=None)


def unprotect(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Drop the triggers."""
    if _is_postgresql(schema_editor):
        statements = [f"DROP TRIGGER {name} ON registry_event" for name in _POSTGRESQL]
        statements += [f"DROP FUNCTION {name}" for name in _POSTGRESQL_FUNCTIONS]
    else:
        statements = [f"DROP TRIGGER {name}" for name in _SQLITE]
    for statement in statements:
        schema_editor.execute(statement)


def _is_postgresql(schema_editor: BaseDatabaseSchemaEditor) -> bool:
    vendor = schema_editor.connection.vendor
    if vendor not in ("sqlite", "postgresql"):
        raise NotSupportedError(f"no triggers that protect the events are written for {vendor} yet")
    return vendor == "postgresql"


class Migration(migrations.Migration):
    """Triggers on the table of events."""

    dependencies: ClassVar = [("registry", "0001_initial")]
    operations: ClassVar = [migrations.RunPython(protect, unprotect)]
