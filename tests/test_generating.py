"""Generating letters: a run that is stopped anywhere goes on where it stopped, and a run that is done is done."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from registry import archive, lookup
from registry.models import Batch, Event, Issue
from ruecklauf import generating
from ruecklauf.errors import WrongUse
from ruecklauf.generating import Generated, GenerateOrder, generate

pytestmark = pytest.mark.django_db

TEMPLATE = Path(__file__).parent.parent / "templates" / "remote-support.v1.toml"
TODAY = date(2026, 11, 23)


class Stopped(Exception):
    """What ends a run in these tests."""


@pytest.fixture
def customers(tmp_path: Path) -> Path:
    """A list of seven customers."""
    path = tmp_path / "customers.csv"
    rows = [f"K-{number},Firma {number} GmbH,,Weg {number},10179,Berlin,," for number in range(1, 8)]
    path.write_text("\n".join(["number,company,contact,street,postal_code,city,country,email", *rows]), "utf-8")
    return path


@pytest.fixture(autouse=True)
def _small_bookings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generating, "_BOOKED_TOGETHER", 2)


def _run(customers: Path, *, reissue: bool = False, stop_at: int | None = None, today: date = TODAY) -> Generated:
    """Generate beside the list; stop before the booking that would begin with this row, counting from 0."""

    def progress(done: int, _total: int) -> None:
        if stop_at is not None and done >= stop_at:
            raise Stopped

    folder = customers.parent / "forms"
    return generate(GenerateOrder(TEMPLATE, customers, folder, reissue=reissue, actor="Petra", today=today), progress)


def _files(customers: Path) -> list[str]:
    return sorted(path.name for path in (customers.parent / "forms").iterdir())


def _expected_files() -> list[str]:
    issues = Issue.objects.select_related("customer")
    return sorted(f"{issue.customer.number}-remote-support.v1-{issue.form_id}.pdf" for issue in issues)


def test_a_run_writes_what_it_booked(customers: Path) -> None:
    """Every customer has one form, archived, and a file with the same bytes; a second run issues nothing."""
    issued = _run(customers).issued
    assert [letter.number for letter in issued] == [f"K-{number}" for number in range(1, 8)]
    for letter, issue in zip(issued, Issue.objects.order_by("pk"), strict=True):
        assert letter.path.read_bytes() == archive.load(issue.pdf_sha256)
    again = _run(customers)
    assert (again.issued, len(again.skipped), again.resumed_from) == ((), 7, None)
    assert Issue.objects.count() == 7


@pytest.mark.parametrize("reissue", [False, True])
def test_a_stopped_run_goes_on_where_it_stopped(customers: Path, *, reissue: bool) -> None:
    """What was issued before the stop is left alone, the rest follows with the date of the beginning."""
    if reissue:
        _run(customers)
    with pytest.raises(Stopped):
        _run(customers, reissue=reissue, stop_at=4)
    rest = _run(customers, reissue=reissue, today=TODAY + timedelta(days=1))
    assert [letter.number for letter in rest.issued] == ["K-5", "K-6", "K-7"]
    assert rest.resumed_from == TODAY
    issues = Issue.objects.filter(batch=Batch.objects.latest("pk"))
    assert (issues.count(), set(issues.values_list("issued_on", flat=True))) == (7, {TODAY})
    assert {line.status for line in lookup.customers_status()} == {"issued"}
    assert _files(customers) == _expected_files()
    assert Event.objects.filter(kind="form.superseded").count() == (7 if reissue else 0)
    assert not _run(customers, reissue=reissue, today=TODAY + timedelta(days=1)).resumed_from


def test_what_was_archived_but_not_booked_becomes_the_same_form(
    customers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stop between archiving and booking leaves nothing in the archive that the registry does not know in the end."""

    def stop(*_: object) -> None:
        raise Stopped

    with monkeypatch.context() as patch:
        patch.setattr("registry.book_issues.append_events", stop)
        with pytest.raises(Stopped):
            _run(customers)
    before = {path.stem for path in archive.archive_root().rglob("*.pdf")}
    assert (len(before), Issue.objects.count()) == (2, 0)
    _run(customers)
    after = {path.stem for path in archive.archive_root().rglob("*.pdf")}
    assert before < after == set(Issue.objects.values_list("pdf_sha256", flat=True))


def test_what_was_booked_but_not_written_is_written_by_the_next_run(customers: Path) -> None:
    """A missing file is written again from the archive, and the run says so."""
    _run(customers)
    lost = sorted((customers.parent / "forms").iterdir())[2]
    data = lost.read_bytes()
    lost.unlink()
    again = _run(customers)
    assert [skipped.number for skipped in again.skipped if skipped.written_again] == ["K-3"]
    assert lost.read_bytes() == data


def test_a_file_that_lies_there_is_never_written_over(customers: Path) -> None:
    """What somebody put in a file's place stays."""
    first = _run(customers).issued[0].path
    first.write_bytes(b"mine")
    _run(customers)
    assert first.read_bytes() == b"mine"


def test_a_changed_list_is_another_run(customers: Path) -> None:
    """After a mended list the customers that have their letter are skipped, and the others get theirs."""
    with pytest.raises(Stopped):
        _run(customers, stop_at=2)
    customers.write_text(customers.read_text("utf-8").replace("Firma 5 GmbH", "Firma Fünf GmbH"), "utf-8")
    rest = _run(customers, today=TODAY + timedelta(days=1))
    assert rest.resumed_from is None
    assert (len(rest.issued), len(rest.skipped)) == (5, 2)
    assert {line.status for line in lookup.customers_status()} == {"issued"}


def test_a_folder_that_takes_no_files_is_refused_before_anything_is_booked(customers: Path) -> None:
    """A file in the folder's place is wrong use, and no form is issued that could not be written."""
    (customers.parent / "forms").write_bytes(b"a file")
    with pytest.raises(WrongUse, match="cannot be written"):
        _run(customers)
    assert (Issue.objects.count(), Batch.objects.count()) == (0, 0)
