"""`verify` finds and names everything that is not as it was written, down to the last bit."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import builders
import pytest
from book_steps import received
from builders import form_id
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from keeping_steps import age_archive, archived_files, checked, found, small_book

from registry import archive, book
from registry.anchors import anchors_file, head_anchor, read_anchors, write_anchor
from registry.archived_digests import erased_digests, kept_digests
from registry.check_archive import Expected, check_archive
from registry.check_events import check_events
from registry.events import event_digest
from registry.findings import REMEDIES, FindingCode
from registry.models import Event, HumanDecision, Issue, Reading, ReceivedFile
from registry.snapshot import frozen_registry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_book")]


@contextmanager
def without_protection() -> Iterator[CursorWrapper]:
    """Do what somebody can who has the database: write past its triggers and constraints."""
    with connection.cursor() as cursor:
        if connection.vendor != "sqlite":
            cursor.execute("SET session_replication_role = replica")
            yield cursor
            cursor.execute("SET session_replication_role = DEFAULT")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        cursor.execute("PRAGMA foreign_keys = OFF")
        yield cursor
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA ignore_check_constraints = OFF")
        for _, sql in triggers:
            cursor.execute(sql)


def unprotected(statement: str, *parameters: str | int) -> None:
    """Execute one statement past the protection."""
    with without_protection() as cursor:
        cursor.execute(statement, parameters)


def writable(path: Path) -> Path:
    """Let a test write what nobody may."""
    path.chmod(0o640)
    return path


def test_a_sound_book_verifies() -> None:
    """Nothing is found in a book of every kind of row, and the summary says what was looked at."""
    small_book()
    summary, findings = checked()
    assert findings == []
    assert (summary.forms, summary.received, summary.archived, summary.young) == (2, 1, 5, 0)
    assert summary.events == Event.objects.count() == 9
    assert summary.head == head_anchor()
    assert found((9, Event.objects.get(sequence=9).sha256)) == []


def flips(data: bytes) -> Iterator[bytes]:
    """Every way to change one bit."""
    for bit in range(8 * len(data)):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        yield bytes(changed)


def event_columns(sequence: int) -> dict[str | None, bytes]:
    """The text columns of an event, byte by byte."""
    names = [field.column for field in Event._meta.concrete_fields if field.column != "sequence"]
    with connection.cursor() as cursor:
        raw = ", ".join(f"CAST({name} AS BLOB)" for name in names)
        cursor.execute(f"SELECT {raw} FROM registry_event WHERE sequence = %s", [sequence])
        return dict(zip(names, cursor.fetchone(), strict=True))


@pytest.mark.sqlite  # PostgreSQL keeps no text that could be written in another way
@pytest.mark.parametrize("sequence", [1, 6, 9])
def test_every_flipped_bit_of_an_event_is_found_and_named(sequence: int) -> None:
    """Whatever bit of whatever column changes, also to an equal or senseless value, a finding names the event."""
    small_book()
    missed = []
    with without_protection() as cursor, transaction.atomic():
        for column, data in event_columns(sequence).items():
            update = f"UPDATE registry_event SET {column} = CAST(%s AS TEXT) WHERE sequence = %s"
            for changed in flips(data):
                cursor.execute(update, [changed, sequence])
                findings = [str(finding) for finding in check_events("default", [])]
                if not any(f"event {sequence}" in finding for finding in findings):
                    missed.append((column, changed))
            cursor.execute(update, [data, sequence])
    assert missed == []
    assert found() == []


def test_every_flipped_bit_of_an_events_number_is_found() -> None:
    """An event under another number leaves a gap, which is named."""
    small_book()
    renumber = "UPDATE registry_event SET sequence = %s WHERE sequence = %s"
    possible = [5 ^ (1 << bit) for bit in range(63) if 5 ^ (1 << bit) > Event.objects.count()]
    assert len(possible) == 60  # the others are taken: the database cannot hold a number twice
    with without_protection() as cursor, transaction.atomic():
        for number in possible:
            cursor.execute(renumber, [number, 5])
            assert any("event 5" in str(finding) for finding in check_events("default", []))
            cursor.execute(renumber, [5, number])
    assert found() == []


@pytest.mark.sqlite  # PostgreSQL keeps no text that could be written in another way
@pytest.mark.parametrize(
    "change",
    [
        "data = replace(data, ': ', ':')",
        "data = ' ' || data",
        "recorded_at = replace(recorded_at, ' ', 'T')",
        "actor = CAST(actor AS BLOB)",
    ],
)
def test_another_way_to_write_the_same_is_found(change: str) -> None:
    """What parses to an equal value but was not written by us is named."""
    small_book()
    unprotected(f"UPDATE registry_event SET {change} WHERE sequence = 5")
    assert any("event 5" in finding.what for finding in checked()[1])


def test_every_flipped_bit_of_an_archived_file_is_found_and_named() -> None:
    """Each bit of each archived file, one at a time, gives one finding that names the file."""
    small_book()
    expected = Expected(kept_digests(), erased_digests(), 0.0)
    for path in archived_files():
        whole = writable(path).read_bytes()
        for changed in flips(whole):
            path.write_bytes(changed)
            (finding,) = check_archive(expected, lambda _: None)
            assert finding.code == "file.altered"
            assert str(path) in finding.what
        path.write_bytes(whole)
    assert list(check_archive(expected, lambda _: None)) == []


def test_events_cut_off_at_the_end_are_told_by_the_anchor() -> None:
    """A shorter chain is still a chain; the anchors, or a head that was written down, say that it was longer."""
    small_book()
    last = Event.objects.get(sequence=9)
    unprotected("DELETE FROM registry_event WHERE sequence = 9")
    assert found() == ["row.surplus", "events.cut_off"]
    anchors_file().unlink()
    assert found() == ["row.surplus", "anchor.missing"]
    assert found((9, last.sha256)) == ["row.surplus", "anchor.missing", "events.cut_off"]


def test_a_chain_written_anew_is_told_by_the_anchor() -> None:
    """Who recomputes the digests of the last event still contradicts the anchor."""
    small_book()
    last = Event.objects.get(sequence=9)
    last.actor = "somebody else"
    unprotected("UPDATE registry_event SET actor = 'somebody else', sha256 = %s WHERE sequence = 9", event_digest(last))
    assert found() == ["anchor.contradicted"]
    assert found((9, "0" * 64)) == ["anchor.contradicted", "anchor.contradicted"]


def test_an_old_registry_beside_a_newer_archive_is_told_as_that() -> None:
    """Events and rows end before the anchors and files are unknown: the registry is an older copy."""
    small_book()
    data = b"%PDF-1.7 later"
    archive.store(data, ".pdf")
    with anchors_file().open("a") as file:
        file.write(f"10 {'a' * 64} 2026-11-24T03:29:23.085821+00:00\n")
    age_archive()
    _, findings = checked()
    assert [finding.code.value for finding in findings] == ["registry.older", "file.surplus"]
    assert "older copy" in findings[0].what
    assert builders.sha256(data) in findings[1].what


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE registry_reading SET reading_json = replace(reading_json, 'K-1001', 'K-1002')", "row.altered"),
        ("UPDATE registry_humandecision SET variant = 'B' WHERE kind = 'confirmed'", "row.altered"),
        ("UPDATE registry_humandecision SET salt = 'x' WHERE kind = 'sent'", "row.altered"),
        ("UPDATE registry_issue SET form_json = replace(form_json, 'Berlin', 'Bonn') WHERE id = %s", "row.altered"),
        ("UPDATE registry_issue SET due_on = '2027-01-01' WHERE id = %s", "row.altered"),
        ("UPDATE registry_issue SET erased_at = '2027-01-01' WHERE id = %s", "row.altered"),
        ("UPDATE registry_letter SET geometry_json = replace(geometry_json, '36', '37')", "row.altered"),
        ("UPDATE registry_letter SET version = 7", "row.altered"),
        ("UPDATE registry_receivedfile SET page_count = 3", "row.altered"),
        ("DELETE FROM registry_humandecision WHERE kind = 'configured'", "row.missing"),
        ("DELETE FROM registry_reading", "row.missing"),
        ("DELETE FROM registry_arrival WHERE duplicate = %s", "row.missing"),
        ("DELETE FROM registry_issue WHERE id = %s", "row.missing"),
        ("INSERT INTO registry_return (issue_id, received_at) SELECT id, issued_at FROM registry_issue", "row.surplus"),
    ],
)
def test_rows_altered_missing_or_slipped_in_are_found(statement: str, code: str) -> None:
    """What events name by number or digest must be there as it was, and nothing beside it."""
    small_book()
    parameter = {"id = %s": Issue.objects.get(form_id=form_id(1)).pk, "duplicate = %s": True}
    parameters = [value for end, value in parameter.items() if statement.endswith(end)]
    unprotected(statement, *parameters)
    assert code in found()


def test_digests_in_rows_must_be_those_in_events() -> None:
    """A PDF that was swapped together with its digest in the row is found by the event."""
    small_book()
    other = archive.store(b"%PDF-1.7 another", ".pdf")
    age_archive()
    unprotected("UPDATE registry_issue SET pdf_sha256 = %s WHERE form_id = %s", other.sha256, form_id(1))
    assert found() == ["row.altered", "file.surplus"]


def test_missing_surplus_misplaced_and_left_over_files_are_told_apart() -> None:
    """Each stray file has its own code, says where it lies and what it belongs to."""
    small_book()
    pdf = archive.find(Issue.objects.get(form_id=form_id(1)).pdf_sha256)
    scan = archive.find(ReceivedFile.objects.get().sha256)
    assert pdf is not None
    assert scan is not None
    pdf.unlink()
    scan.rename(scan.with_name("SCN_0001.pdf"))
    shutil.copyfile(next(archived_files()), archive.archive_root() / "copy.pdf")
    surplus = archive.store(b"junk", ".bin").path
    leftover = surplus.with_name(".0123456789abcdef.part")
    leftover.touch()
    linked = surplus.with_name(f"{'0' * 64}.bin")
    linked.symlink_to("/etc/passwd")
    age_archive()
    _, findings = checked()
    told = {str(finding) for finding in findings}
    for code, path in (
        ("file.missing", pdf.with_suffix("")),
        ("file.missing", scan.with_suffix("")),
        ("file.misplaced", scan.with_name("SCN_0001.pdf")),
        ("file.misplaced", archive.archive_root() / "copy.pdf"),
        ("file.surplus", surplus),
        ("file.leftover", leftover),
        ("file.unreadable", linked),
    ):
        assert any(line.startswith(f"{code}: {path}") for line in told), (code, told)
    assert any(f"the PDF of form {form_id(1)}" in line for line in told)
    assert len(told) == 7


def test_files_about_to_be_booked_are_not_called_surplus() -> None:
    """A watcher archives a file just before it books it: a young unknown file is counted, not accused."""
    small_book()
    archive.store(b"%PDF-1.7 arriving", ".pdf")
    summary, findings = checked()
    assert (findings, summary.young) == ([], 1)


def test_a_file_booked_during_the_check_is_no_finding() -> None:
    """What the registry did not know when the check began is looked up once more."""
    small_book()
    data = b"%PDF-1.7 in between"
    expected = Expected(kept_digests(), erased_digests(), 1e12)
    book.book_document(received(data), builders.make_document(data), lambda _r, _h: builders.ACCEPT)
    age_archive()
    assert list(check_archive(expected, lambda _: None)) == []


@pytest.mark.sqlite  # PostgreSQL refuses such values
def test_a_registry_that_cannot_be_read_is_a_finding() -> None:
    """A value that its column cannot hold is told as damage, and the rest is checked all the same."""
    small_book()
    unprotected("UPDATE registry_humandecision SET at = 'yesterday'")
    (writable(next(archived_files()))).write_bytes(b"x")
    assert found() == ["database.unreadable", "file.altered"]


@pytest.mark.sqlite  # PostgreSQL keeps no text that could be written in another way
def test_references_to_nothing_are_found() -> None:
    """SQLite's own checks are asked, with the foreign keys."""
    small_book()
    unprotected("UPDATE registry_receivedpage SET file_id = 77")
    assert "database.damaged" in found()


def test_anchors_are_appended_once_and_a_torn_one_is_mended() -> None:
    """Anchoring again adds nothing; a line that an interruption cut short is replaced, what stood before stays."""
    small_book()
    first = anchors_file().read_bytes()
    write_anchor()
    assert anchors_file().read_bytes() == first
    with anchors_file().open("ab") as file:
        file.write(b"10 abc")
    assert found() == []
    book.withdraw("K-1001", "remote-support", on=builders.CONFIRMED_AT.date(), reason="letter", by="Petra")
    write_anchor()
    lines = anchors_file().read_bytes().splitlines(keepends=True)
    assert lines[0] == first
    assert [str(anchor).partition(":")[0] for anchor in read_anchors()] == ["9", "10"]
    assert found() == []


@pytest.mark.parametrize("line", ["nonsense\n", f"9 {'b' * 64} 2026-11-24T03:29:23.085821+00:00\n", "x" * 500 + "\n"])
def test_altered_anchors_are_found(line: str) -> None:
    """A line that is no anchor, or names another event, is told with its number."""
    small_book()
    anchors_file().write_text(line + anchors_file().read_text())
    assert any("line 1" in finding.what for finding in checked()[1])


def test_nothing_is_held_up_by_a_reader() -> None:
    """While the registry is looked through, others can book, and the reader does not see it."""
    small_book()
    with frozen_registry() as alias:
        book.withdraw("K-1001", "remote-support", on=builders.CONFIRMED_AT.date(), reason="letter", by="Petra")
        assert (Event.objects.count(), Event.objects.using(alias).count()) == (10, 9)
        assert HumanDecision.objects.using(alias).count() == 3
    assert Reading.objects.count() == 1


def test_every_finding_is_documented_with_what_to_do() -> None:
    """docs/backup.md lists every code, no other code, and the remedy that the program gives."""
    page = Path(__file__).parent.parent / "docs" / "backup.md"
    rows = re.findall(r"^\| `([a-z_.]+)` \| .+? \| (.+?)\. \|$", page.read_text("utf-8"), re.MULTILINE)
    assert {code: remedy.lower() for code, remedy in rows} == {
        code.value: REMEDIES[code].lower() for code in FindingCode
    }
