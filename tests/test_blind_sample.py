"""The blind sample: what a person sees before the machine says anything, and how often the machine was wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import review_steps
from book_steps import book_return, issue_form
from builders import CONFIRMED_AT, REVIEW, form_id, make_return, sha256
from pytest_django import Settings

from registry import book
from registry.blind_sample import BlindAnswer, answer_blind, machine_error_rate
from registry.bounds import bounds_95
from registry.errors import ConfirmationRefused, NotAllowedNow, SettledMeanwhile
from registry.invariants import violations
from registry.models import HumanDecision
from registry.sampling import draw, sampled_below
from registry.waiting import returns_waiting

pytestmark = pytest.mark.django_db

Kind = HumanDecision.Kind


@pytest.fixture(autouse=True)
def _all_are_asked_blind(settings: Settings) -> Iterator[None]:
    settings.REGISTRY_BLIND_SHARE = 1
    yield
    assert list(violations()) == []


def came_back(number: int = 1) -> int:
    """Book a clear return, marked A and signed."""
    issue_form(number, reissue=True)
    return book_return(make_return(form_id(number))).return_id


def answer(return_id: int, variant: str | None = "A", *, is_signed: bool = True) -> book.Confirmed | None:
    """Say in Petra's name what is seen."""
    return answer_blind(return_id, BlindAnswer(variant, is_signed), by="Petra", at=CONFIRMED_AT)


def test_what_is_to_be_asked_blind_is_not_clear() -> None:
    """It stands in no list that would tell what the machine read, and is not confirmed among others."""
    return_id = came_back()
    (waiting,) = returns_waiting()
    assert (waiting.clear, waiting.blind) == (False, True)
    with pytest.raises(ConfirmationRefused):
        book.confirm_clear([return_id], by="Petra", at=CONFIRMED_AT)


def test_an_answer_that_agrees_puts_in_force_at_once() -> None:
    """Both the blind answer and the confirmation stand in the book, in the same person's name."""
    confirmed = answer(came_back())
    assert confirmed is not None
    assert confirmed.variant == "A"
    assert [(each.kind, each.by) for each in HumanDecision.objects.order_by("pk")] == [
        ("blind", "Petra"),
        ("confirmed", "Petra"),
    ]
    assert returns_waiting() == ()


@pytest.mark.parametrize(("variant", "is_signed"), [("B", True), (None, True), ("A", False)])
def test_an_answer_that_differs_puts_nothing_in_force(variant: str | None, is_signed: bool) -> None:
    """The return is looked at again with both answers, by itself; what was said blind stays as it was said."""
    return_id = came_back()
    assert answer(return_id, variant, is_signed=is_signed) is None
    (waiting,) = returns_waiting()
    assert (waiting.clear, waiting.blind) == (False, False)
    with pytest.raises(NotAllowedNow):
        answer(return_id)
    decision = HumanDecision.objects.get()
    assert (decision.variant, decision.note) == (variant or "", "signed" if is_signed else "not signed")


def test_what_is_doubtful_or_settled_is_not_asked_blind() -> None:
    """The sample is drawn among clear returns that wait."""
    issue_form(1)
    doubtful = book_return(make_return(form_id(1)), REVIEW).return_id
    with pytest.raises(NotAllowedNow):
        answer(doubtful)
    book.confirm([doubtful], by="Petra", at=CONFIRMED_AT)
    with pytest.raises(SettledMeanwhile):
        answer(doubtful)


def test_the_rate_of_errors_counts_what_people_finally_said() -> None:
    """Right, a slip of the person, wrong variant, nothing to confirm, undecided: each is counted where it belongs."""
    right, slip, wrong, unsigned, undecided = (review_steps.came_back(number).return_id for number in range(1, 6))
    answer(right)
    for return_id, said in ((slip, "B"), (wrong, "B"), (undecided, "B")):
        answer(return_id, said)
    answer(unsigned, is_signed=False)
    book.confirm_seen(slip, book.Seen("A"), by="Petra", at=CONFIRMED_AT)
    book.settle(unsigned, Kind.ASKED, by="Petra", at=CONFIRMED_AT, reason="not signed")
    book.confirm_seen(wrong, book.Seen("B"), by="Petra", at=CONFIRMED_AT)
    rate = machine_error_rate()
    assert (rate.judged, rate.wrong, rate.slips, rate.undecided) == (4, 2, 1, 1)
    assert (rate.low, rate.high) == bounds_95(2, 4)


def test_without_a_sample_nothing_is_known() -> None:
    """No answer is not no error."""
    rate = machine_error_rate()
    assert (rate.judged, rate.low, rate.high) == (0, 0.0, 1.0)


def test_the_share_is_drawn_evenly(settings: Settings) -> None:
    """Of many readings about one in twenty is asked, and the same ones each time."""
    settings.REGISTRY_BLIND_SHARE = 0.05
    drawn = [draw(sha256(str(number))) for number in range(20_000)]
    assert 850 < sum(number < sampled_below() for number in drawn) < 1150
    assert drawn == [draw(sha256(str(number))) for number in range(20_000)]
    settings.REGISTRY_BLIND_SHARE = 0
    assert not any(number < sampled_below() for number in drawn)
    settings.REGISTRY_BLIND_SHARE = 1
    assert all(number < sampled_below() for number in drawn)


@pytest.mark.parametrize(
    ("failures", "trials", "low", "high"),
    [(0, 0, 0.0, 1.0), (0, 100, 0.0, 0.0362), (2, 100, 0.0024, 0.0704), (3, 3000, 0.0002, 0.0029), (5, 5, 0.4782, 1.0)],
)
def test_the_bounds_are_those_of_the_tables(failures: int, trials: int, low: float, high: float) -> None:
    """Clopper and Pearson's intervals, as published; large samples do not overflow."""
    assert list(bounds_95(failures, trials)) == pytest.approx([low, high], abs=1e-4)
    assert bounds_95(900, 100_000)[1] < 0.0097
