"""The whole circle with real parts: issued, sent back by the simulation, taken in by workers, confirmed, exported."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from office_steps import Office, new_office

from intake.results import Decision, Reason, SignatureState
from registry.book import confirm
from registry.errors import ConfirmationRefused
from registry.evidence import Evidence, evidence_of
from registry.export import book_rows
from registry.models import Arrival as BookedArrival
from registry.models import ReceivedFile, Return
from registry.waiting import returns_waiting
from ruecklauf.booking import Handled
from ruecklauf.demo import deliver
from ruecklauf.truth_check import Outcome, chosen, judge
from simulation.returns import Arrival, PostedLetter
from simulation.scenarios import SCENARIOS, arrival, filled_on_screen, foreign_page, stack

pytestmark = pytest.mark.django_db

SCENARIO = {scenario.name: scenario for scenario in SCENARIOS}
ANSWER_COLUMNS = (
    "variant",
    "clients",
    "servers",
    "signed_on",
    "received_at",
    "confirmed_by",
    "in_force_from",
    "evidence",
)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Issue the letter to the dozen sample customers, four weeks ago."""
    return new_office(tmp_path)


def _post(letters: list[PostedLetter]) -> Iterator[Arrival]:
    """Answer eleven of the twelve letters, in every way that the circle must stand."""
    singles = ("marked first", "marked second", "unsigned", "both marked", "upside down", "skewed", "bilevel")
    for number, (name, letter) in enumerate(zip(singles, letters, strict=False)):
        yield arrival(SCENARIO[name], letter, np.random.default_rng((5, number)))
    yield stack(letters[7:10], np.random.default_rng((5, 7)))
    yield filled_on_screen(letters[10], np.random.default_rng((5, 8)))
    yield foreign_page(np.random.default_rng((5, 9)))


def test_the_whole_circle(office: Office) -> None:
    """What comes back is read as it truly is, what is confirmed is in force, and nothing else is."""
    results = office.receive(*_post(office.letters))
    read = _read_by_customer()
    _check_readings(office.sent, read)
    _check_folders(office, results)
    clear = [waiting.return_id for waiting in returns_waiting() if waiting.clear]
    confirmed = confirm(clear, by="Petra", at=datetime.now(UTC))
    truth = {item.key: item.truth for sent in office.sent for item in sent.returns}
    assert {each.customer: each.variant for each in confirmed} == {
        number: chosen(truth[number]) for number, item in read.items() if item.verdict.decision is Decision.ACCEPT
    }
    _check_export({each.customer: each.variant for each in confirmed})
    with pytest.raises(ConfirmationRefused):
        confirm([read["K-1004"].return_id], by="Petra", at=datetime.now(UTC))


def _read_by_customer() -> dict[str, Evidence]:
    evidence = evidence_of(Return.objects.values_list("pk", flat=True))
    return {item.reading.customer: item for item in evidence}


def _check_readings(sent: list[Arrival], read: dict[str, Evidence]) -> None:
    """Every return is in the book under its customer and nothing is wrong; what is plain needs nobody."""
    truths = {item.key: (each.scenario, item) for each in sent for item in each.returns}
    assert truths.keys() == read.keys()
    for number, (scenario, item) in truths.items():
        outcome = judge(item.truth, read[number].reading, read[number].verdict)
        wanted = Outcome.FLAGGED if scenario == "both marked" else Outcome.RIGHT
        assert outcome is wanted, (number, scenario, read[number].verdict)
        assert tuple(page.page for page in read[number].reading.pages) == item.pages
    assert Reason.SIGNATURE_ABSENT in read["K-1003"].verdict.reasons
    assert Reason.VARIANT_SEVERAL in read["K-1004"].verdict.reasons


def _check_folders(office: Office, results: list[Handled]) -> None:
    """Every file has left the mailbox unchanged; the one that is not ours lies among the problems, with the reason."""
    assert [entry.name for entry in office.mailbox.iterdir() if entry.is_file()] == []
    problems = [sent for sent in office.sent if not sent.returns]
    for sent in office.sent:
        folder = office.mailbox / ("problems" if sent in problems else "done")
        assert (folder / sent.file_name).read_bytes() == sent.data
    (foreign,) = problems
    reason = (office.mailbox / "problems" / f"{foreign.file_name}.reason.txt").read_text("utf-8")
    assert "page.no_code" in reason
    assert [result.name for result in results if result.problem] == [foreign.file_name]


def _check_export(in_force: dict[str, str]) -> None:
    """A row per customer: what was confirmed, and blanks, never a default, for all others."""
    rows = {str(row["number"]): row for row in book_rows()[1]}
    assert len(rows) == 12
    for number, row in rows.items():
        if number in in_force:
            assert (row["variant"], row["clients"], row["servers"]) == (in_force[number], in_force[number], "B")
            assert (row["status"], row["confirmed_by"]) == ("in_force", "Petra")
        else:
            assert [row[column] for column in ANSWER_COLUMNS] == [None] * len(ANSWER_COLUMNS)
    assert rows["K-1012"]["status"] == "issued"
    assert rows["K-1003"]["status"] == "incomplete"


def test_the_same_bytes_again_are_linked_to_the_first(office: Office) -> None:
    """A file that comes twice is booked once; the second arrival says so, whatever its name."""
    first = arrival(SCENARIO["marked first"], office.letters[0], np.random.default_rng(3))
    office.receive(first)
    deliver([first], office.mailbox)
    (office.mailbox / first.file_name).rename(office.mailbox / "again.pdf")
    (again,) = office.receive()
    assert first.file_name in again.summary
    assert (Return.objects.count(), ReceivedFile.objects.count(), BookedArrival.objects.count()) == (1, 1, 2)
    assert (office.mailbox / "done" / "again.pdf").exists()


def test_the_same_name_with_other_content_is_another_return(office: Office) -> None:
    """Scanners use their names again: two files of one name are two returns, and both are kept."""
    rng = np.random.default_rng(4)
    posts = [arrival(SCENARIO[name], office.letters[at], rng) for at, name in enumerate(("upside down", "bilevel"))]
    for post in posts:
        office.receive(Arrival(post.scenario, post.story, "SCN_0001.pdf", post.data, post.returns, post.page_count))
    assert _read_by_customer().keys() == {"K-1001", "K-1002"}
    kept = sorted(path.read_bytes() for path in (office.mailbox / "done").iterdir())
    assert kept == sorted(post.data for post in posts)


def test_a_contradicting_return_changes_nothing_by_itself(office: Office) -> None:
    """What is in force stays in force when the customer sends something else: a person must look."""
    rng = np.random.default_rng(6)
    office.receive(arrival(SCENARIO["marked first"], office.letters[0], rng))
    (waiting,) = returns_waiting()
    confirm([waiting.return_id], by="Petra", at=datetime.now(UTC))
    office.receive(arrival(SCENARIO["marked second"], office.letters[0], rng))
    (later,) = returns_waiting()
    assert (later.decision, later.variant, later.signature) == (Decision.REVIEW, "B", SignatureState.PRESENT)
    assert Reason.RETURN_CONTRADICTS in later.reasons
    (row,) = (row for row in book_rows()[1] if row["number"] == "K-1001")
    assert (row["variant"], row["clients"]) == ("A", "A")
