"""Forms that come in pieces, in stacks, twice or otherwise than before: from the mailbox into the book."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from office_steps import Office, new_office, scans_of

from intake.comparing import Sameness
from intake.results import Decision, Reason, SignatureState
from registry.book import confirm, withdraw
from registry.evidence import evidence_of
from registry.invariants import violations
from registry.links import linked_returns
from registry.models import HumanDecision, Reading, ReceivedPage, Return
from registry.settling import settle
from registry.waiting import WaitingReturn, returns_waiting
from simulation.channels import Scan
from simulation.files import to_jpeg, to_pdf, to_tiff
from simulation.returns import PostedLetter
from simulation.scenarios import foreign_page

pytestmark = pytest.mark.django_db

LAST_WEEK = datetime.now(UTC).date() - timedelta(days=7)
"""When the letters were issued that are not due yet."""


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office that has sent the letter of one page."""
    return new_office(tmp_path, issued_on=LAST_WEEK)


@pytest.fixture
def two_pages(tmp_path: Path) -> Office:
    """An office that has sent the English letter of two pages."""
    return new_office(tmp_path, "data-backup.v1", LAST_WEEK)


def turned(scan: Scan, quarters: int) -> Scan:
    """A page that was laid in another way."""
    return replace(scan, image=np.ascontiguousarray(np.rot90(scan.image, quarters)))


def blank_back(like: Scan) -> Scan:
    """The back of a sheet."""
    return replace(like, image=np.full_like(like.image, 249))


def foreign() -> Scan:
    """A letter that is none of ours."""
    data = foreign_page(np.random.default_rng(9)).data
    with closing(pypdfium2.PdfDocument(data)) as pdf:
        bitmap = pdf[0].render(scale=200 / 72, grayscale=True)
        return Scan(np.array(bitmap.to_numpy()).reshape(bitmap.height, bitmap.width), 200, 200, 85)


def only_waiting() -> WaitingReturn:
    """The one return that waits for a person."""
    (waiting,) = returns_waiting()
    return waiting


def decision_on(return_id: int) -> tuple[Decision, tuple[Reason, ...]]:
    """The machine's last decision on a return."""
    (evidence,) = evidence_of([return_id])
    return evidence.verdict.decision, evidence.verdict.reasons


@pytest.mark.parametrize(("option", "order"), [("B", (0, 1)), ("C", (1, 0))])
def test_the_second_file_completes_the_first(two_pages: Office, option: str, order: Sequence[int]) -> None:
    """A torn form's pages come on two days, in either order: one return, incomplete first, then clear and confirmed."""
    pages = scans_of(two_pages.letters[0], option)
    two_pages.drop({"monday.pdf": to_pdf([pages[order[0]]])})
    first = only_waiting()
    assert first.decision is Decision.INCOMPLETE
    assert Reason.PAGE_MISSING in first.reasons
    (result,) = two_pages.drop({"tuesday.pdf": to_pdf([blank_back(pages[0]), pages[order[1]]])})
    whole = only_waiting()
    assert (whole.return_id, whole.decision, whole.reasons) == (
        first.return_id, Decision.ACCEPT, (Reason.RETURN_JOINED,),
    )  # fmt: skip
    assert (whole.variant, whole.signature, whole.clear) == (option, SignatureState.PRESENT, True)
    assert whole.file_name == "monday.pdf, tuesday.pdf"
    assert "page 1: The page is blank." in result.summary
    (evidence,) = evidence_of([whole.return_id])
    assert [page.form_page for page in evidence.reading.pages] == [order[0] + 1, order[1] + 1]
    assert [page.page for page in evidence.reading.pages] == [1, 3]  # as if the files were one stack
    assert evidence.pictures.keys() == {1, 3}
    (confirmed,) = confirm([whole.return_id], by="Petra", at=datetime.now(UTC))
    assert confirmed.variant == option
    assert list(violations()) == []


def test_photos_of_one_form_dropped_together(two_pages: Office) -> None:
    """Four photos, two of each page, as four files at once: one return, complete, and nobody looks at the doubles."""
    letter = two_pages.letters[0]
    pages = [*scans_of(letter, "B", "photo", seed=4), *scans_of(letter, "B", "photo-folded", seed=4)]
    results = two_pages.drop({f"IMG_{number}.jpg": to_jpeg(page) for number, page in enumerate(pages)})
    assert len(results) == 4
    assert (only_waiting().decision, only_waiting().variant) == (Decision.ACCEPT, "B")
    assert list(violations()) == []


def test_a_page_that_comes_after_the_customer_was_asked(two_pages: Office) -> None:
    """The customer was asked for the missing page; it completes the return that was settled so, which waits again."""
    pages = scans_of(two_pages.letters[0], "A")
    two_pages.drop({"monday.pdf": to_pdf(pages[:1])})
    first = only_waiting()
    settle(first.return_id, HumanDecision.Kind.ASKED, by="Petra", at=datetime.now(UTC), reason="page 2 is missing")
    assert returns_waiting() == ()
    two_pages.drop({"tuesday.pdf": to_pdf(pages[1:])})
    assert (only_waiting().return_id, only_waiting().clear) == (first.return_id, True)
    confirm([first.return_id], by="Petra", at=datetime.now(UTC))
    assert list(violations()) == []


def test_pages_of_two_different_answers_are_not_joined_in_silence(two_pages: Office) -> None:
    """Page 1 says A and the page 2 that comes later says C: one return with two marks, for a person."""
    one = scans_of(two_pages.letters[0], "A")
    other = scans_of(two_pages.letters[0], "C", seed=2)
    two_pages.drop({"monday.pdf": to_pdf([one[0]])})
    two_pages.drop({"tuesday.pdf": to_pdf([other[1]])})
    assert only_waiting().decision is Decision.REVIEW
    assert Reason.VARIANT_SEVERAL in only_waiting().reasons


def test_a_page_that_fits_two_answers_completes_neither(two_pages: Office) -> None:
    """Two different first pages wait when a second page comes: nobody but a person can say to which it belongs."""
    one = scans_of(two_pages.letters[0], "A")
    other = scans_of(two_pages.letters[0], "B", seed=2)
    for name, page in (("a.pdf", one[0]), ("b.pdf", other[0]), ("c.pdf", one[1])):
        two_pages.drop({name: to_pdf([page])})
    assert Return.objects.count() == 3
    assert {waiting.decision for waiting in returns_waiting()} == {Decision.INCOMPLETE, Decision.REVIEW}
    assert all(Reason.PAGE_MISSING in waiting.reasons for waiting in returns_waiting())
    assert list(violations()) == []


@pytest.mark.parametrize("write", [to_pdf, to_tiff])
def test_a_tray_in_any_order(two_pages: Office, write: Callable[[Sequence[Scan]], bytes]) -> None:
    """Returns of three customers, turned anyhow, with blank backs and a letter of somebody else between: all placed."""
    letters = two_pages.letters[:3]
    papers = {letter.key: scans_of(letter, "ABC"[number], seed=number) for number, letter in enumerate(letters)}
    forms = [page for pages in papers.values() for page in pages]
    tray = [turned(page, quarters) for page, quarters in zip(forms, (0, 1, 2, 3, 2, 0), strict=True)]
    tray += [foreign(), blank_back(forms[0]), blank_back(forms[1])]
    random.Random(4).shuffle(tray)
    (result,) = two_pages.drop({"tray": write(tray)})
    assert result.problem is None
    read = {waiting.number: (waiting.decision, waiting.variant) for waiting in returns_waiting()}
    assert read == {letter.key: (Decision.ACCEPT, "ABC"[number]) for number, letter in enumerate(letters)}
    unplaced = ReceivedPage.objects.filter(answer=None).values_list("reason", flat=True)
    assert sorted(unplaced) == [Reason.PAGE_BLANK, Reason.PAGE_BLANK, Reason.PAGE_NO_CODE]
    assert ReceivedPage.objects.count() == len(tray)
    assert result.summary.count("The page is blank.") == 1


def test_a_page_doubled_in_one_file_costs_nobody_time(office: Office) -> None:
    """The feeder took the same sheet twice, once upside down: it says so, and the return is clear."""
    (page,) = scans_of(office.letters[0], "A")
    (again,) = scans_of(office.letters[0], "A", "colour-200")
    office.drop({"scan.pdf": to_pdf([page, turned(again, 2)])})
    assert (only_waiting().decision, only_waiting().reasons) == (Decision.ACCEPT, (Reason.PAGE_REPEATED,))


def test_a_doubled_page_that_says_something_else_goes_to_a_person(office: Office) -> None:
    """Two sheets of the same form with different marks in one file: a person must say which one counts."""
    pages = [scans_of(office.letters[0], option)[0] for option in "AB"]
    office.drop({"scan.pdf": to_pdf(pages)})
    assert only_waiting().decision is Decision.REVIEW
    assert Reason.PAGE_DOUBLED in only_waiting().reasons


def drop_both(office: Office, letter: PostedLetter, channels: tuple[str, str]) -> None:
    """The same paper comes first by one channel, then by another."""
    for number, channel in enumerate(channels):
        (page,) = scans_of(letter, "A", channel)
        data = to_jpeg(page) if page.is_photo else to_pdf([page])
        office.drop({f"{number}-{channel}": data})


@pytest.mark.parametrize(
    "channels", [("photo", "office-200"), ("fax-fine", "office-300"), ("office-200", "colour-300")]
)
def test_the_same_paper_again_waits_once(office: Office, channels: tuple[str, str]) -> None:
    """A photo first and the paper later, the fax and its original: the second is linked to the first and waits not."""
    drop_both(office, office.letters[0], channels)
    first, second = Return.objects.order_by("pk")
    assert decision_on(second.pk) == (Decision.ACCEPT, (Reason.RETURN_DUPLICATE,))
    assert only_waiting().return_id == first.pk
    (link,) = linked_returns(first.pk)
    assert (link.return_id, link.sameness, link.repeats) == (second.pk, Sameness.SAME, first.pk)
    confirm([first.pk], by="Petra", at=datetime.now(UTC))
    assert returns_waiting() == ()
    assert list(violations()) == []


def test_the_paper_after_its_photo_was_confirmed(office: Office) -> None:
    """What is in force already and comes once more says nothing new."""
    (photo,), (paper,) = scans_of(office.letters[0], "B", "photo"), scans_of(office.letters[0], "B")
    office.drop({"IMG.jpg": to_jpeg(photo)})
    confirm([only_waiting().return_id], by="Petra", at=datetime.now(UTC))
    (result,) = office.drop({"post.pdf": to_pdf([paper])})
    assert "says the same as return" in result.summary
    assert returns_waiting() == ()


def test_another_answer_later_is_shown_beside_the_first(office: Office) -> None:
    """A on Monday, B on Tuesday: the second goes to a person, who sees both and what each says."""
    for name, option in (("monday.pdf", "A"), ("tuesday.pdf", "B")):
        office.drop({name: to_pdf(scans_of(office.letters[0], option))})
    monday, tuesday = Return.objects.order_by("pk")
    assert decision_on(tuesday.pk)[0] is Decision.REVIEW
    assert Reason.RETURN_CONTRADICTS in decision_on(tuesday.pk)[1]
    assert {waiting.return_id for waiting in returns_waiting()} == {monday.pk, tuesday.pk}
    (link,) = linked_returns(tuesday.pk)
    assert (link.return_id, link.variant, link.sameness, link.same_form) == (monday.pk, "A", Sameness.OTHER, True)


def test_two_forms_of_one_customer_that_say_different_things(office: Office) -> None:
    """The customer got the letter again and answers both: the return of the older form is said to be superseded."""
    office.drop({"old.pdf": to_pdf(scans_of(office.letters[0], "A"))})
    (newer, *_) = office.issue(reissue=True)
    office.drop({"new.pdf": to_pdf(scans_of(newer, "B"))})
    old, new = Return.objects.order_by("pk")
    assert Reason.RETURN_CONTRADICTS in decision_on(new.pk)[1]
    (link,) = linked_returns(new.pk)
    assert (link.return_id, link.same_form, link.sameness) == (old.pk, False, Sameness.OTHER)
    office.drop({"old again.pdf": to_pdf(scans_of(office.letters[0], "A", "colour-300"))})
    assert Reason.RETURN_SUPERSEDED in decision_on(Return.objects.latest("pk").pk)[1]


def test_late_and_withdrawn_are_said(tmp_path: Path) -> None:
    """What comes after its due date, or on a form that the customer withdrew, says so."""
    office = new_office(tmp_path)
    office.drop({"first.pdf": to_pdf(scans_of(office.letters[0], "A"))})
    assert Reason.RETURN_LATE in only_waiting().reasons  # it was due in October
    confirm([only_waiting().return_id], by="Petra", at=datetime.now(UTC))
    withdraw(office.letters[0].key, "remote-support", on=datetime.now(UTC).date(), reason="letter", by="Petra")
    office.drop({"again.pdf": to_pdf(scans_of(office.letters[0], "A", "colour-300"))})
    assert Reason.RETURN_WITHDRAWN in only_waiting().reasons
    assert Reading.objects.count() == 2
