"""The book under any order of steps: its invariants hold, nothing is rewritten, and a plain model agrees.

A long run, some minutes: `pytest tests/test_book_properties.py --hypothesis-profile=long`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path

import builders
import pytest
from book_steps import Decider, open_batch, received
from builders import ACCEPT, INCOMPLETE, REVIEW
from django.apps import apps
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)
from plain_book import PlainBook, PlainForm, PlainReturn, Question, Said

from intake.results import Decision, DocumentReading, Reason, SignatureState, UnplacedPage, Verdict
from registry import book, lookup
from registry.erasing import CopyFolders, ErasureOrder, erase
from registry.errors import FormErased, Inconsistent, NothingInForce, Refused, UnknownForm
from registry.events import form_states, verify_chain
from registry.inbox import ASIDE, Filter, page_of
from registry.invariants import violations
from registry.models import HumanDecision, PageDecision, ReceivedPage
from registry.waiting import returns_waiting

NOW = datetime.now(UTC)
TODAY = NOW.date()
NUMBERS = ("K-1", "K-2")
TEMPLATES = ("remote-support", "backup")
QUESTIONS: tuple[Question, ...] = tuple(product(NUMBERS, TEMPLATES))
WORDINGS = {1: "first wording", 2: "second wording", 3: "first wording"}
"""By version of the template: the third is set anew in the words of the first."""
REJECT = Verdict(Decision.REJECT, (Reason.PAGE_UNREADABLE,))
REWRITTEN = {"customer", "batch", "standing", "inboxline", "blindcheck", "receivedfile"}
"""The only tables whose rows change: the latest list's row, when a run came to its end, what follows from the events
(lines of the inbox also go), and why a file could not be read, once it can."""

days_ago = st.integers(1, 9).map(lambda days: TODAY - timedelta(days=days))


@dataclass(frozen=True)
class Answer:
    """What comes back on one form: as read, and as decided."""

    form: PlainForm
    variant: str | None
    signature: SignatureState
    verdict: Verdict
    pages: int

    @property
    def decided(self) -> Verdict:
        """The verdict; nothing is accepted that lacks a mark or a signature."""
        is_complete = self.variant and self.signature is SignatureState.PRESENT
        return self.verdict if is_complete or self.verdict is not ACCEPT else REVIEW


@dataclass(frozen=True)
class Sight:
    """What a person saw on the screen at some time."""

    clear: tuple[int, ...]
    """The returns that may be confirmed together."""
    in_force: tuple[Question, ...]


Rows = Mapping[tuple[str, object], str]


def _rows() -> Rows:
    """The digest of every row in the book, by table and key."""
    digests = {}
    for model in apps.get_app_config("registry").get_models():
        name = str(model._meta.model_name)
        for row in model._default_manager.order_by("pk").values_list():
            digests[name, row[0]] = hashlib.sha256(repr(row).encode()).hexdigest()
    return digests


class BookMachine(RuleBasedStateMachine):
    """Takes steps in the registry and in a plain book."""

    forms: Bundle[PlainForm] = Bundle("forms")
    returns: Bundle[PlainReturn] = Bundle("returns")
    sights: Bundle[Sight] = Bundle("sights")

    def __init__(self) -> None:
        super().__init__()
        self._undo = transaction.atomic()
        self._undo.__enter__()
        self.plain = PlainBook(TODAY)
        self.rows: Rows = _rows()
        self.files: list[bytes] = []
        self.unread: set[bytes] = set()

    def teardown(self) -> None:
        """Leave the database as it was."""
        verify_chain()
        transaction.set_rollback(True)
        self._undo.__exit__(None, None, None)

    def _refused(self, step: Callable[[], object], error: type[Exception]) -> None:
        """The step is refused, and nothing is changed."""
        before = _rows()
        with pytest.raises(error):
            step()
        assert _rows() == before

    @rule(
        target=forms,
        numbers=st.lists(st.sampled_from(NUMBERS), min_size=1, unique=True),
        template=st.sampled_from(TEMPLATES),
        version=st.sampled_from(sorted(WORDINGS)),
        reissue=st.booleans(),
    )
    def issue(self, numbers: list[str], template: str, version: int, *, reissue: bool) -> MultipleResults[PlainForm]:
        """Issue to a list of customers; without `reissue` only to those whom no form stands in the way.

        Going on with the same batch issues nothing more.
        """
        letter = builders.make_letter(template, version, WORDINGS[version])
        batch = open_batch(letter, reissue=reissue, customers=f"list {len(self.rows)}")
        made = {
            number: builders.make_issued(batch.form_id(number), builders.make_customer(number), letter)
            for number in numbers
        }
        expected = {
            number for number in NUMBERS if not reissue and self.plain.stands_in_the_way((number, template), version)
        }
        in_the_way = book.forms_in_the_way(NUMBERS, template, version, reissue=reissue, batch_id=batch.batch_id)
        assert in_the_way.keys() == expected
        for _ in range(2):
            standing = book.book_issues(list(made.values()), batch, actor="generate", at=builders.ISSUED_AT)
            assert standing.keys() == expected & made.keys()
            expected = set(made)
        book.finish_batch(batch.batch_id)
        new = [
            PlainForm(made[number].form.form_id, (number, template), version, WORDINGS[version])
            for number in numbers
            if standing[number].form_id == made[number].form.form_id
        ]
        for form in new:
            self.plain.issue(form)
        return multiple(*new)

    @precondition(lambda self: self.plain.forms)
    @rule(
        target=returns,
        answers=st.lists(
            st.builds(
                Answer,
                forms,
                st.sampled_from(["A", "B", None]),
                st.sampled_from([SignatureState.PRESENT, SignatureState.PRESENT, SignatureState.ABSENT]),
                st.sampled_from([ACCEPT, REVIEW, INCOMPLETE, REJECT]),
                st.integers(1, 2),
            ),
            max_size=3,
        ),
        strangers=st.integers(0, 2),
        arrived_on=days_ago,
    )
    def receive(self, answers: list[Answer], strangers: int, arrived_on: date) -> MultipleResults[PlainReturn]:
        """Book a file with returns of any forms, late, contradicting or superseded ones too, and pages of nobody."""
        return multiple(*self._receive(answers, strangers, arrived_on))

    @rule(target=returns, form=forms, variant=st.sampled_from("AB"), arrived_on=days_ago, confirms=st.booleans())
    def receive_as_it_should_be(
        self, form: PlainForm, variant: str, arrived_on: date, *, confirms: bool
    ) -> MultipleResults[PlainReturn]:
        """Book what most customers send, one complete return; somebody may confirm it at once."""
        new = self._receive([Answer(form, variant, SignatureState.PRESENT, ACCEPT, 1)], 0, arrived_on)
        if new and confirms:
            self._confirm(new, Said())
        return multiple(*new)

    def _receive(self, answers: Sequence[Answer], strangers: int, arrived_on: date) -> list[PlainReturn]:
        data = self._new_file()
        verdicts = iter([answer.decided for answer in answers])

        def step() -> book.Booked:
            reading = _reading(data, answers, strangers)
            return book.book_document(_arriving(data, arrived_on), reading, lambda *_: next(verdicts))

        if any(answer.form.is_erased for answer in answers):
            self._refused(step, FormErased)
            self.files.remove(data)
            return []
        booked = step()
        assert [each.form_id for each in booked.returns] == [answer.form.form_id for answer in answers]
        assert len(booked.unplaced) == strangers
        new = []
        for answer, each in zip(answers, booked.returns, strict=True):
            signed = answer.signature is SignatureState.PRESENT
            decision = answer.decided.decision
            new.append(PlainReturn(each.return_id, answer.form, answer.variant, signed, arrived_on, decision))
            self.plain.receive(new[-1])
        return new

    @rule(arrived_on=days_ago)
    def receive_unreadable(self, arrived_on: date) -> None:
        """Book a file that could not be read at all."""
        data = self._new_file()
        self.unread.add(data)
        reading = replace(builders.make_document(data), problem=Reason.FILE_BROKEN)
        assert book.book_document(_arriving(data, arrived_on), reading, Decider()).problem is Reason.FILE_BROKEN

    @precondition(lambda self: self.files)
    @rule(which=st.integers(0, 99), arrived_on=days_ago, read_again=st.booleans())
    def receive_again(self, which: int, arrived_on: date, *, read_again: bool) -> None:
        """The same bytes once more are one more arrival, however read this time; unless they can be read at last."""
        data = self.files[which % len(self.files)]
        arrived = _arriving(data, arrived_on)
        if read_again and data in self.unread:
            self.unread.remove(data)
            booked = book.book_document(arrived, _reading(data, [], 1), Decider())
            assert (booked.duplicate_of, booked.problem, len(booked.unplaced)) == (None, None, 1)
            assert len(_rows()) == len(self.rows) + 4  # the arrival, the page, and an event of each
            return
        if read_again:
            assert book.book_document(arrived, _reading(data, [], 1), Decider()).duplicate_of is not None
        else:
            known = book.book_known_bytes(arrived)
            assert known is not None
            assert known.duplicate_of is not None
        assert len(_rows()) == len(self.rows) + 2

    @precondition(lambda self: self.plain.forms)
    @rule(form=forms, fault=st.sampled_from(["lost page", "page twice", "no page", "unreadable", "unknown form"]))
    def receive_what_cannot_be(self, form: PlainForm, fault: str) -> None:
        """A reading that contradicts itself or the book is not booked."""
        data = b"%PDF-1.7 never booked"
        answer = builders.make_return(form.form_id)
        reading = builders.make_document(data, [answer])
        faulty = {
            "lost page": replace(reading, page_count=2),
            "page twice": replace(reading, unplaced=(UnplacedPage(1, Reason.PAGE_BLANK),)),
            "no page": replace(reading, returns=(answer, replace(answer, pages=()))),
            "unreadable": replace(reading, problem=Reason.FILE_BROKEN),
            "unknown form": replace(reading, returns=(answer, builders.make_return("0" * 16, pages=[2]))),
        }[fault]
        faulty = replace(faulty, page_count=2) if fault == "unknown form" else faulty
        error: type[Exception] = UnknownForm if fault == "unknown form" else Inconsistent
        if fault == "unknown form" and form.is_erased:
            error = FormErased
        self._refused(lambda: book.book_document(_arriving(data, TODAY), faulty, Decider()), error)

    @rule(
        answers=st.lists(returns, min_size=1, max_size=3, unique=True),
        variant=st.sampled_from([None, None, "A", "B", "C"]),
        signed_on=st.sampled_from([None, None, TODAY - timedelta(days=3), TODAY + timedelta(days=3)]),
        signed=st.booleans(),
    )
    def confirm(self, answers: list[PlainReturn], variant: str | None, signed_on: date | None, *, signed: bool) -> None:
        """Confirm any returns, one or several, with what the person says or without."""
        self._confirm(answers, Said(variant, signed_on, signed) if len(answers) == 1 else Said())

    @rule(answer=returns, variant=st.sampled_from("AB"))
    def confirm_as_seen_on_paper(self, answer: PlainReturn, variant: str) -> None:
        """Confirm one return whatever was read on it."""
        self._confirm([answer], Said(variant, None, signed=True))

    def _confirm(self, answers: Sequence[PlainReturn], said: Said) -> None:
        def step() -> Sequence[book.Confirmed]:
            return book.confirm(
                [answer.return_id for answer in answers],
                by="Petra",
                at=NOW,
                variant=said.variant,
                signed_on=said.signed_on,
                signed=said.signed,
            )

        if self.plain.objections(answers, said):
            self._refused(step, Refused)
            return
        confirmed = step()
        for answer in answers:
            self.plain.confirm(answer, said)
        assert [(each.form_id, each.variant) for each in confirmed] == [
            (answer.form.form_id, answer.form.variant) for answer in answers
        ]

    @rule(answer=returns, how=st.sampled_from(["asked", "not_ours", "set_aside"]))
    def settle(self, answer: PlainReturn, how: str) -> None:
        """Decide about any return without putting it in force."""

        def step() -> None:
            book.settle(answer.return_id, HumanDecision.Kind(how), by="Petra", at=NOW, reason="as the paper says")

        if self.plain.may_settle(answer):
            step()
            self.plain.settle(answer, how)
        else:
            self._refused(step, Refused)

    @rule(target=returns, answer=returns, form=forms)
    def move(self, answer: PlainReturn, form: PlainForm) -> MultipleResults[PlainReturn]:
        """Find that any return is another form's: its pages become a return of that one, on which nothing is read."""

        def step() -> book.Placed:
            return book.move(answer.return_id, form.form_id, by="Petra", at=NOW, reason="the address says so")

        if not self.plain.may_settle(answer) or form is answer.form or form.end or form.is_erased:
            self._refused(step, Refused)
            return multiple()
        moved = PlainReturn(step().return_id, form, None, signed=False, arrived_on=answer.arrived_on, decision="review")
        self.plain.settle(answer, "moved")
        self.plain.receive(moved)
        return multiple(moved)

    @precondition(lambda _: ReceivedPage.objects.filter(issue=None, file__erased_at=None).exists())
    @rule(target=returns, form=forms, which=st.integers(0, 99))
    def place(self, form: PlainForm, which: int) -> MultipleResults[PlainReturn]:
        """Say that a page that the machine could not place is one of this form."""
        page, said = _stray(which)

        def step() -> book.Placed:
            return book.place(page.pk, form.form_id, form_page=1, by="Petra", at=NOW)

        if said != "reopened" or form.end or form.is_erased:
            self._refused(step, Refused)
            return multiple()
        arrived_on = page.file.arrivals.earliest("pk").received_at.date()
        placed = PlainReturn(step().return_id, form, None, signed=False, arrived_on=arrived_on, decision="review")
        self.plain.receive(placed)
        return multiple(placed)

    @precondition(lambda _: ReceivedPage.objects.filter(issue=None, file__erased_at=None).exists())
    @rule(which=st.integers(0, 99), takes_back=st.booleans())
    def settle_page(self, which: int, *, takes_back: bool) -> None:
        """Say that a page is nobody's, or take that back."""
        page, said = _stray(which)

        def step() -> None:
            if takes_back:
                book.reopen_page(page.pk, by="Petra", at=NOW)
            else:
                book.settle_page(page.pk, PageDecision.Kind.NOT_OURS, by="Petra", at=NOW)

        if said == ("not_ours" if takes_back else "reopened"):
            step()
        else:
            self._refused(step, Refused)

    @rule(answer=returns)
    def reopen(self, answer: PlainReturn) -> None:
        """Take back whatever was decided about a return."""

        def step() -> None:
            book.reopen(answer.return_id, by="Petra", at=NOW, reason="a slip")

        if self.plain.may_reopen(answer):
            step()
            self.plain.reopen(answer)
        else:
            self._refused(step, Refused)

    @rule(question=st.sampled_from(QUESTIONS), on=days_ago)
    def withdraw(self, question: Question, on: date) -> None:
        """Withdraw what is in force, if anything is."""

        def step() -> None:
            book.withdraw(*question, on=on, reason="by phone", by="Petra")

        if self.plain.in_force(question) is None:
            self._refused(step, Refused)
        else:
            step()
            self.plain.withdraw(question, on)

    @rule(question=st.sampled_from(QUESTIONS), on=days_ago)
    def set_up(self, question: Question, on: date) -> None:
        """Set the tool up as the form in force says, if one is; the same report again is refused."""

        def step() -> None:
            book.record_configured(*question, by="Uwe", on=on)

        form = self.plain.in_force(question)
        if form is None or on in form.set_up_on:
            self._refused(step, NothingInForce if form is None else Refused)
        else:
            step()
            form.set_up_on.add(on)

    @rule(form=forms)
    def void(self, form: PlainForm) -> None:
        """Declare any form a mistake."""

        def step() -> None:
            book.void(form.form_id, by="Petra", reason="mistake")

        if self.plain.may_void(form) and not form.is_erased:
            step()
            self.plain.void(form)
        else:
            self._refused(step, Refused)

    @rule(chosen=st.lists(forms, min_size=1, max_size=2), on=days_ago)
    def send(self, chosen: list[PlainForm], on: date) -> None:
        """Send forms, all of them or none; the same report again is refused."""

        def step() -> None:
            book.record_sent([form.form_id for form in chosen], on=on, channel="post", actor="Petra")

        if not all(
            (form.is_open or form.status == "in_force") and not form.is_erased and on not in form.sent_on
            for form in chosen
        ):
            self._refused(step, Refused)
            return
        step()
        for form in chosen:
            form.sent_on.add(on)
            form.to_ask.clear()

    @rule(number=st.sampled_from(NUMBERS))
    def erase(self, number: str) -> None:
        """A customer asks to be forgotten: the events stay as they were, and all else that is not in force goes."""
        nowhere = CopyFolders(Path("/nonexistent"), ())

        def step() -> None:
            erase(ErasureOrder(TODAY, 12, number), nowhere, by="Petra", advance=lambda _: None)

        if not self.plain.may_erase(number):
            self._refused(step, Refused)
            return
        step()
        self.plain.erase(number)
        rows = _rows()
        events = {key: digest for key, digest in self.rows.items() if key[0] == "event"}
        assert events.items() <= rows.items()
        self.rows = rows

    @rule(target=sights)
    def look(self) -> Sight:
        """A person looks at what there is, to act on it some time."""
        clear = tuple(each.return_id for each in returns_waiting() if each.clear)
        in_force = tuple(question for question in QUESTIONS if self.plain.in_force(question))
        return Sight(clear, in_force)

    @rule(sight=sights)
    def confirm_what_was_clear(self, sight: Sight) -> None:
        """Somebody else may have acted since the person looked: then nothing happens, and nothing by halves."""
        if sight.clear:
            self._confirm([self._return(return_id) for return_id in sight.clear], Said())

    @rule(sight=sights, on=days_ago)
    def withdraw_what_was_in_force(self, sight: Sight, on: date) -> None:
        """The same with a withdrawal that somebody else has entered, or another form in its place."""
        for question in sight.in_force[:1]:
            self.withdraw(question, on)

    @invariant()
    def is_sound(self) -> None:
        """Every invariant of the book holds."""
        assert list(violations()) == []

    @invariant()
    def is_only_added_to(self) -> None:
        """No row is gone, and none is changed where rows are only added."""
        rows = _rows()
        assert {key for key in self.rows if key[0] != "inboxline"} <= rows.keys()
        changed = {key for key, digest in self.rows.items() if rows.get(key) != digest}
        assert {table for table, _ in changed} <= REWRITTEN
        self.rows = rows

    @invariant()
    def agrees_with_the_plain_book(self) -> None:
        """Statuses, what is set up and what waits are as the plain book says; what is called clear can be confirmed."""
        states = form_states([form.form_id for form in self.plain.forms])
        assert {form_id: str(state.status) for form_id, state in states.items()} == {
            form.form_id: form.status for form in self.plain.forms
        }
        assert {form_id for form_id, state in states.items() if state.configured} == {
            form.form_id for form in self.plain.forms if form.set_up_on
        }
        waiting, inbox = returns_waiting(), self.plain.inbox()
        assert [each.return_id for each in waiting] == [answer.return_id for answer in inbox]
        clear = [self._return(each.return_id) for each in waiting if each.clear or each.blind]
        assert clear == [answer for answer in inbox if self.plain.is_clear(answer)]
        assert not self.plain.objections(clear, Said())
        aside = page_of(Filter(only=ASIDE), count=1000).lines
        assert {each.return_id for each in aside} == {
            answer.return_id for answer in self.plain.returns if answer.is_aside and not answer.form.is_erased
        }
        in_force = {line.form_id: line.variant for line in lookup.customers_status() if line.status == "in_force"}
        assert in_force == {form.form_id: form.variant for form in self.plain.forms if form.status == "in_force"}

    def _return(self, return_id: int) -> PlainReturn:
        (answer,) = (answer for answer in self.plain.returns if answer.return_id == return_id)
        return answer

    def _new_file(self) -> bytes:
        self.files.append(f"%PDF-1.7 scan {len(self.files)}".encode())
        return self.files[-1]


def _stray(which: int) -> tuple[ReceivedPage, str]:
    """One of the pages of nobody, with what was decided about it last."""
    pages = ReceivedPage.objects.filter(issue=None, file__erased_at=None).order_by("pk")
    page = pages[which % len(pages)]
    latest = page.decisions.order_by("pk").last()
    return page, latest.kind if latest else "reopened"


def _arriving(data: bytes, on: date) -> book.ReceivedBytes:
    return received(data, at=datetime(on.year, on.month, on.day, 10, tzinfo=UTC))


def _reading(data: bytes, answers: Sequence[Answer], strangers: int) -> DocumentReading:
    """The pages of nobody come first, then each return's."""
    unplaced = [UnplacedPage(page, Reason.PAGE_NO_CODE) for page in range(1, strangers + 1)]
    returns, first = [], strangers + 1
    for answer in answers:
        pages = range(first, first + answer.pages)
        returns.append(
            builders.make_return(answer.form.form_id, variant=answer.variant, signature=answer.signature, pages=pages)
        )
        first += answer.pages
    return builders.make_document(data, returns, unplaced)


@pytest.mark.django_db
def test_any_order_of_steps_keeps_the_book_sound() -> None:
    """Whatever is done in whatever order: the invariants hold, nothing is rewritten, the plain book agrees."""
    is_long = settings.get_current_profile_name() == "long"
    run_state_machine_as_test(
        BookMachine,
        settings=settings(
            max_examples=300 if is_long else 20,
            stateful_step_count=50 if is_long else 25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
        ),
    )
