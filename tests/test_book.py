"""The book: what is issued, comes back, is confirmed and ends, each in one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import builders
import pytest
from builders import ACCEPT, CONFIRMED_AT, INCOMPLETE, RECEIVED_AT, REVIEW, form_id, make_return

from intake.results import Decision, History, Reason, ReturnReading, SignatureState, UnplacedPage, Verdict
from registry import archive, book, lookup
from registry.errors import (
    ConfirmationRefused,
    Damaged,
    Inconsistent,
    NotAllowedNow,
    NothingInForce,
    NotReceivedBefore,
    OpenFormExists,
    TemplateChanged,
    UnknownForm,
)
from registry.events import verify_chain
from registry.models import Arrival, Event, HumanDecision, Issue, Letter, Reading, ReceivedFile, ReceivedPage, Return
from registry.statuses import Status

pytestmark = pytest.mark.django_db


class Decider:
    """Gives one verdict and remembers the history that it was given."""

    def __init__(self, verdict: Verdict = ACCEPT) -> None:
        self.verdict = verdict
        self.histories: list[History] = []

    def __call__(self, _reading: ReturnReading, history: History) -> Verdict:
        """Decide."""
        self.histories.append(history)
        return self.verdict


def _issue(number: int = 1, *, reissue: bool = False, wording: str = "first wording", version: int = 1) -> str:
    """Issue a form to K-1001 and return its id."""
    letter = builders.make_letter(wording=wording, version=version)
    issued = builders.make_issued(form_id(number), letter=letter)
    book.book_issue(issued, reissue=reissue, actor="generate", at=builders.ISSUED_AT)
    return form_id(number)


def _received(data: bytes, name: str = "SCN_0001.pdf", at: datetime = RECEIVED_AT) -> book.ReceivedBytes:
    return book.ReceivedBytes(data, name, "mailbox", at)


def _book(answer: ReturnReading, verdict: Verdict = ACCEPT, *, at: datetime = RECEIVED_AT) -> book.BookedReturn:
    """Book a return as the only one of a new file."""
    data = f"%PDF-1.7 scan {ReceivedFile.objects.count()}".encode()
    booked = book.book_document(_received(data, at=at), builders.make_document(data, [answer]), Decider(verdict))
    return booked.returns[0]


def _history(answer: ReturnReading, *, at: datetime = RECEIVED_AT) -> History:
    """Book a return and say what history its decision was given."""
    data = f"%PDF-1.7 scan {ReceivedFile.objects.count()}".encode()
    decider = Decider()
    book.book_document(_received(data, at=at), builders.make_document(data, [answer]), decider)
    return decider.histories[0]


def _confirm(booked: book.BookedReturn, variant: str | None = None, *, signed: bool = False) -> book.Confirmed:
    return book.confirm([booked.return_id], by="Petra", at=CONFIRMED_AT, variant=variant, signed=signed)[0]


def _statuses() -> dict[str, str]:
    return {row.form_id: row.status for row in lookup.customers_status()}


def test_an_issued_form_comes_back_from_the_book_as_it_was() -> None:
    """The form, its letter and the PDF's bytes are found again, exactly; an unknown id gives None."""
    issued = builders.make_issued(form_id(1))
    book.book_issue(issued, reissue=False, actor="generate", at=builders.ISSUED_AT)
    assert lookup.find_issued(form_id(1)) == issued
    assert lookup.find_issued(form_id(2)) is None
    assert archive.find(Issue.objects.get().pdf_sha256) is not None


def test_a_letter_is_stored_once_for_all_its_forms() -> None:
    """Two customers' forms of one run share one stored letter."""
    for number in (1, 2):
        issued = builders.make_issued(form_id(number), builders.make_customer(f"K-{number}"))
        book.book_issue(issued, reissue=False, actor="generate", at=builders.ISSUED_AT)
    assert (Issue.objects.count(), Letter.objects.count()) == (2, 1)


def test_what_was_issued_keeps_the_customer_as_they_were() -> None:
    """A new list changes the customer, not what was issued before."""
    _issue(1)
    renamed = builders.make_issued(form_id(2), builders.make_customer(company="Neuer Name AG"))
    book.book_issue(renamed, reissue=True, actor="generate", at=builders.ISSUED_AT)
    first = lookup.find_issued(form_id(1))
    assert first is not None
    assert first.form.customer.company == "Łódź & Söhne GmbH"
    assert [row.company for row in lookup.customers_status()] == ["Neuer Name AG"]


def test_an_altered_form_is_noticed() -> None:
    """A form whose stored text was changed is not given out."""
    _issue(1)
    Issue.objects.update(form_json=Issue.objects.get().form_json.replace("Berlin", "Bremen"))
    with pytest.raises(Damaged, match="altered"):
        lookup.find_issued(form_id(1))


def test_a_second_form_needs_reissue_and_supersedes_the_first() -> None:
    """Without reissue nothing is written, not even into the archive; with it the open form is superseded."""
    _issue(1)
    assert book.open_form_numbers("remote-support") == {"K-1001"}
    with pytest.raises(OpenFormExists, match="K-1001"):
        _issue(2)
    assert Issue.objects.count() == 1
    assert len([path for path in archive.archive_root().rglob("*") if path.is_file()]) == 1
    _issue(2, reissue=True)
    assert _statuses() == {form_id(2): "issued"}
    assert book.open_form_numbers("another-template") == frozenset()


def test_a_customer_who_answered_this_version_is_not_asked_again() -> None:
    """In force is not open, but issuing the same version again needs reissue too, and a new version does not."""
    _issue(1)
    _confirm(_book(make_return(form_id(1))))
    assert book.open_form_numbers("remote-support") == frozenset()
    assert book.open_form_numbers("remote-support", version=1) == {"K-1001"}
    assert book.open_form_numbers("remote-support", version=2) == frozenset()
    with pytest.raises(OpenFormExists):
        _issue(2)
    _issue(2, version=2, wording="second wording")
    assert _statuses() == {form_id(1): "in_force", form_id(2): "issued"}


def test_an_issued_template_is_frozen() -> None:
    """Another file under the same version is refused, with the advice to make the next version."""
    _issue(1)
    book.check_template_frozen("remote-support", 1, builders.make_letter().template_sha256)
    with pytest.raises(TemplateChanged, match=r"remote-support\.v2\.toml"):
        book.check_template_frozen("remote-support", 1, "0" * 64)
    with pytest.raises(TemplateChanged):
        _issue(2, wording="edited", reissue=True)
    book.check_template_frozen("remote-support", 2, "0" * 64)


def test_a_form_is_booked_once() -> None:
    """The same form can't be booked twice, nor one that names another letter than it comes with."""
    _issue(1)
    with pytest.raises(Inconsistent):
        _issue(1, reissue=True)
    issued = builders.make_issued(form_id(2))
    with pytest.raises(Inconsistent):
        book.book_issue(
            replace(issued, letter=builders.make_letter(wording="other")), reissue=True, actor="x", at=RECEIVED_AT
        )


def test_every_page_of_a_stack_is_booked_in_one_place() -> None:
    """A stack of two returns and a foreign page is booked page by page, and its bytes and pictures are archived."""
    _issue(1)
    other = builders.make_issued(form_id(2), builders.make_customer("K-1002"))
    book.book_issue(other, reissue=False, actor="generate", at=builders.ISSUED_AT)
    data = b"%PDF-1.7 stack"
    reading = builders.make_document(
        data,
        [make_return(form_id(1), pages=[3]), make_return(form_id(2), pages=[1])],
        [UnplacedPage(2, Reason.PAGE_NO_CODE)],
    )
    booked = book.book_document(_received(data), reading, Decider())
    assert [(each.form_id, each.customer, each.status) for each in booked.returns] == [
        (form_id(1), "K-1001", "returned"),
        (form_id(2), "K-1002", "returned"),
    ]
    assert booked.unplaced == (UnplacedPage(2, Reason.PAGE_NO_CODE),)
    assert booked.duplicate_of is None
    places = ReceivedPage.objects.order_by("page").values_list("page", "issue__form_id", "reason")
    assert list(places) == [(1, form_id(2), ""), (2, None, "page.no_code"), (3, form_id(1), "")]
    assert archive.load(booked.sha256) == data
    assert [archive.load(row.pictures[page]) for row, page in zip(Reading.objects.order_by("pk"), "31", strict=True)]


def test_pictures_are_not_kept_in_the_database() -> None:
    """The stored reading is the reading with empty pictures; the picture lies in the archive."""
    _issue(1)
    _book(make_return(form_id(1)))
    row = Reading.objects.get()
    assert '"picture_png":""' in row.reading_json
    assert archive.load(row.pictures["1"]) == builders.PICTURE_PNG
    waiting = lookup.returns_waiting()[0]
    assert waiting.picture is not None
    assert waiting.picture.suffix == ".png"


def test_the_same_bytes_again_are_linked_to_the_first() -> None:
    """Arriving again adds an arrival, says what was booked the first time, and reads nothing anew."""
    _issue(1)
    data = b"%PDF-1.7 scan"
    assert book.already_received(builders.sha256(data)) is None
    with pytest.raises(NotReceivedBefore):
        book.book_arrival_again(_received(data))
    reading = builders.make_document(data, [make_return(form_id(1))])
    first = book.book_document(_received(data), reading, Decider(REVIEW))
    later = _received(data, "again.pdf", RECEIVED_AT + timedelta(days=1))
    again = book.book_arrival_again(later)
    assert again == replace(first, duplicate_of="SCN_0001.pdf, received 12.10.2026 11:30")
    assert book.already_received(first.sha256) == again
    assert book.book_document(later, reading, Decider(ACCEPT)) == again
    assert (ReceivedFile.objects.count(), Return.objects.count(), Arrival.objects.count()) == (1, 1, 3)
    assert list(Arrival.objects.order_by("pk").values_list("duplicate", flat=True)) == [False, True, True]


def test_the_same_name_with_other_bytes_is_another_return() -> None:
    """Scanners use names again: a name links nothing."""
    _issue(1)
    for data in (b"%PDF-1.7 one", b"%PDF-1.7 two"):
        booked = book.book_document(
            _received(data, "SCN_0001.pdf"), builders.make_document(data, [make_return(form_id(1))]), Decider()
        )
        assert booked.duplicate_of is None
    assert Return.objects.count() == 2


def test_a_file_that_cannot_be_read_is_booked_with_its_problem() -> None:
    """An unreadable file is kept and its reason said, also when it arrives again."""
    data = b"not a scan"
    reading = replace(builders.make_document(data), problem=Reason.FILE_UNSUPPORTED)
    booked = book.book_document(_received(data), reading, Decider())
    assert (booked.problem, booked.returns, booked.unplaced) == (Reason.FILE_UNSUPPORTED, (), ())
    assert book.book_arrival_again(_received(data)).problem is Reason.FILE_UNSUPPORTED
    assert archive.load(booked.sha256) == data


@pytest.mark.parametrize(
    "name", ["scan\udcff.pdf", "a\0b.pdf", "'; DROP TABLE x; --.pdf", "../../etc/passwd", "\ud800"]
)
def test_hostile_file_names_are_kept_as_text(name: str) -> None:
    """Whatever a file is called, it is booked, and its name leads nowhere."""
    data = b"%PDF-1.7 scan"
    reading = builders.make_document(data, unplaced=[UnplacedPage(1, Reason.PAGE_BLANK)])
    book.book_document(_received(data, name), reading, Decider())
    assert Arrival.objects.get().name


def test_a_reading_that_does_not_fit_its_bytes_is_not_booked() -> None:
    """Other bytes, a page left out, a page placed twice or a form never issued: nothing is booked."""
    _issue(1)
    data = b"%PDF-1.7 scan"
    fitting = builders.make_document(data, [make_return(form_id(1))])
    twice = replace(fitting, unplaced=(UnplacedPage(1, Reason.PAGE_BLANK),))
    for received, reading in (
        (_received(b"other"), fitting),
        (_received(data), replace(fitting, page_count=2)),
        (_received(data), twice),
    ):
        with pytest.raises(Inconsistent):
            book.book_document(received, reading, Decider())
    with pytest.raises(UnknownForm):
        book.book_document(_received(data), builders.make_document(data, [make_return(form_id(9))]), Decider())
    assert ReceivedFile.objects.count() == 0


def test_a_decision_that_fails_leaves_nothing_booked() -> None:
    """Booking a document is one transaction."""
    _issue(1)
    data = b"%PDF-1.7 scan"
    events = Event.objects.count()

    def fail(_reading: ReturnReading, _history: History) -> Verdict:
        raise RuntimeError("no decision")

    with pytest.raises(RuntimeError):
        book.book_document(_received(data), builders.make_document(data, [make_return(form_id(1))]), fail)
    assert (ReceivedFile.objects.count(), Return.objects.count(), Event.objects.count()) == (0, 0, events)


def test_history_of_a_first_return_in_time_is_empty() -> None:
    """A first return within its time brings no history; on the day it is due it is still in time."""
    _issue(1)
    assert _history(make_return(form_id(1)), at=datetime(2026, 10, 29, 22, 59, tzinfo=UTC)) == History()


def test_lateness_counts_by_the_offices_calendar() -> None:
    """Half past midnight in Berlin on the day after the due date is late, though it is the due date in UTC."""
    _issue(1)
    assert _history(make_return(form_id(1)), at=datetime(2026, 10, 29, 23, 30, tzinfo=UTC)).late


def test_a_second_return_that_says_the_same_is_a_duplicate() -> None:
    """Same variant and signature: duplicate; the signature supplied later: neither duplicate nor contradiction."""
    _issue(1)
    _book(make_return(form_id(1), signature=SignatureState.ABSENT), INCOMPLETE)
    assert _history(make_return(form_id(1))) == History()
    assert _history(make_return(form_id(1))) == History(duplicate=True)


def test_a_return_that_says_something_else_contradicts() -> None:
    """Another variant than an earlier return's contradicts, on the form itself and on one with the same wording."""
    _issue(1)
    _book(make_return(form_id(1), variant="A"))
    assert _history(make_return(form_id(1), variant="B")) == History(contradicts=True)
    _issue(2, reissue=True)
    assert _history(make_return(form_id(2), variant="B")).contradicts


def test_what_a_person_decided_outweighs_what_was_read() -> None:
    """Where a person corrected the reading, later returns are compared with the person's word."""
    _issue(1)
    _confirm(_book(make_return(form_id(1), variant="A"), REVIEW), "B")
    assert not _history(make_return(form_id(1), variant="B")).contradicts


def test_a_form_with_other_wording_asks_another_question() -> None:
    """An answer to version 2 contradicts no answer to version 1."""
    _issue(1)
    _confirm(_book(make_return(form_id(1), variant="A")))
    _issue(2, version=2, wording="second wording")
    assert _history(make_return(form_id(2), variant="B")) == History()


def test_superseded_and_ended_forms_are_said_so() -> None:
    """A return on a superseded, withdrawn or void form carries that into its decision."""
    _issue(1)
    _issue(2, reissue=True)
    assert _history(make_return(form_id(1))) == History(superseded=True)
    book.void(form_id(2), by="Petra", reason="wrong address")
    assert _history(make_return(form_id(2))).withdrawn


def test_an_incomplete_return_leaves_the_form_open() -> None:
    """Incomplete is a status of its own; a complete return then takes over."""
    _issue(1)
    assert _book(make_return(form_id(1), signature=SignatureState.ABSENT), INCOMPLETE).status == "incomplete"
    assert _book(make_return(form_id(1))).status == "returned"


def test_confirming_puts_in_force_with_all_dates_apart() -> None:
    """Confirming takes variant and date from the reading and the day from the office's calendar."""
    _issue(1)
    booked = _book(make_return(form_id(1), variant="A", signed_on="2026-10-10"))
    assert _statuses() == {form_id(1): "returned"}
    confirmed = _confirm(booked)
    assert (confirmed.variant, confirmed.signed_on) == ("A", date(2026, 10, 10))
    assert confirmed.in_force_from == date(2026, 10, 14)
    (row,) = lookup.customers_status()
    assert (row.status, row.variant) == (Status.IN_FORCE, "A")
    decision = HumanDecision.objects.get()
    assert (decision.by, decision.at, decision.answer_id) == ("Petra", CONFIRMED_AT, booked.return_id)
    assert lookup.returns_waiting() == ()


@pytest.mark.parametrize(
    ("value", "agrees", "signed_on"),
    [
        ("2026-10-10", True, date(2026, 10, 10)),
        ("2026-10-10", None, date(2026, 10, 10)),
        ("2026-10-10", False, None),
        ("2036-10-10", True, None),
        ("10.10.2026", True, None),
        (None, None, None),
    ],
)
def test_the_date_read_counts_only_where_it_can_be_right(
    value: str | None, agrees: bool | None, signed_on: date | None
) -> None:
    """A date that disagrees, lies in the future or is none leaves signed_on blank."""
    _issue(1)
    field = builders.make_date_field(value, agrees=agrees)
    assert _confirm(_book(builders.with_date_field(make_return(form_id(1)), field))).signed_on == signed_on


def test_the_persons_word_stands_beside_the_reading() -> None:
    """What the person says counts, and what the machine read stays as it was."""
    _issue(1)
    booked = _book(make_return(form_id(1), variant=None, signature=SignatureState.UNCLEAR), REVIEW)
    before = Reading.objects.values().get()
    (confirmed,) = book.confirm(
        [booked.return_id], by="Petra", at=CONFIRMED_AT, variant="B", signed_on=date(2026, 10, 9), signed=True
    )
    assert (confirmed.variant, confirmed.signed_on) == ("B", date(2026, 10, 9))
    assert Reading.objects.values().get() == before


@pytest.mark.parametrize(
    ("variant", "signature", "said", "why"),
    [
        (None, SignatureState.PRESENT, {}, "no variant could be read"),
        ("A", SignatureState.ABSENT, {}, "no signature"),
        ("A", SignatureState.UNCLEAR, {"variant": "A"}, "no signature"),
        ("A", SignatureState.PRESENT, {"variant": "C"}, "no variant 'C'"),
        ("A", SignatureState.PRESENT, {"signed_on": date(2036, 1, 1)}, "future"),
    ],
)
def test_what_nobody_has_said_is_not_confirmed(
    variant: str | None, signature: SignatureState, said: dict[str, str], why: str
) -> None:
    """Without a certain variant and a certain signature a person has to say so; impossible answers are refused."""
    _issue(1)
    booked = _book(make_return(form_id(1), variant=variant, signature=signature), REVIEW)
    with pytest.raises(ConfirmationRefused, match=why):
        book.confirm([booked.return_id], by="Petra", at=CONFIRMED_AT, **said)  # type: ignore[arg-type]
    assert HumanDecision.objects.count() == 0


def test_many_are_confirmed_together_or_not_at_all() -> None:
    """One return that can't be confirmed keeps back the others, and every objection is listed."""
    _issue(1)
    other = builders.make_issued(form_id(2), builders.make_customer("K-1002"))
    book.book_issue(other, reissue=False, actor="generate", at=builders.ISSUED_AT)
    good = _book(make_return(form_id(1)))
    bad = _book(make_return(form_id(2), variant=None), REVIEW)
    with pytest.raises(ConfirmationRefused) as refused:
        book.confirm([good.return_id, bad.return_id, 999], by="Petra", at=CONFIRMED_AT)
    assert [refusal.return_id for refusal in refused.value.refusals] == [bad.return_id, 999]
    assert HumanDecision.objects.count() == 0
    assert len(book.confirm([good.return_id], by="Petra", at=CONFIRMED_AT)) == 1


def test_confirming_needs_a_name_and_one_return_for_what_is_said() -> None:
    """Nobody confirms namelessly, and what a person says is said of one return."""
    _issue(1)
    booked = _book(make_return(form_id(1)))
    with pytest.raises(NotAllowedNow, match="--by"):
        book.confirm([booked.return_id], by=" ", at=CONFIRMED_AT)
    with pytest.raises(NotAllowedNow, match="one return"):
        book.confirm([booked.return_id, 2], by="Petra", at=CONFIRMED_AT, variant="A")


def test_two_returns_of_one_customer_are_not_confirmed_in_one_go() -> None:
    """The order of a list must not decide which answer counts."""
    _issue(1)
    ids = [_book(make_return(form_id(1))).return_id for _ in range(2)]
    with pytest.raises(ConfirmationRefused, match="another return of this customer"):
        book.confirm(ids, by="Petra", at=CONFIRMED_AT)


def test_a_contradicting_return_is_never_settled_unseen() -> None:
    """While two returns of a form contradict each other, neither is clear, and a person must say which counts."""
    _issue(1)
    first = _book(make_return(form_id(1), variant="A"))
    assert [each.clear for each in lookup.returns_waiting()] == [True]
    _book(make_return(form_id(1), variant="B"), REVIEW)
    assert [each.clear for each in lookup.returns_waiting()] == [False, False]
    with pytest.raises(ConfirmationRefused, match="says B"):
        _confirm(first)
    assert _confirm(first, "A").variant == "A"
    assert lookup.returns_waiting() == ()


def test_what_was_clear_is_clear_no_more_once_superseded() -> None:
    """An accepted return waits among the doubtful ones when a newer form has been issued since."""
    _issue(1)
    _book(make_return(form_id(1)))
    _issue(2, reissue=True)
    (waiting,) = lookup.returns_waiting()
    assert (waiting.decision, waiting.status, waiting.clear) == (Decision.ACCEPT, Status.SUPERSEDED, False)


def test_a_return_is_confirmed_once() -> None:
    """Confirming again is refused."""
    _issue(1)
    booked = _book(make_return(form_id(1)))
    _confirm(booked)
    with pytest.raises(ConfirmationRefused, match="confirmed before"):
        _confirm(booked)


def test_a_confirmation_supersedes_what_was_in_force() -> None:
    """The newer form takes the place of the earlier one in force."""
    _issue(1)
    _confirm(_book(make_return(form_id(1))))
    _issue(2, version=2, wording="second wording")
    assert _confirm(_book(make_return(form_id(2), variant="B"))).superseded == (form_id(1),)
    assert _statuses() == {form_id(2): "in_force"}


def test_a_superseded_form_with_the_same_wording_still_counts() -> None:
    """The customer answered on the older paper: it comes into force, and the newer one is no longer waited for."""
    _issue(1)
    _issue(2, reissue=True)
    assert _confirm(_book(make_return(form_id(1)), REVIEW)).superseded == (form_id(2),)
    assert _statuses() == {form_id(1): "in_force"}


def test_a_superseded_form_with_other_wording_does_not_count() -> None:
    """Who answered the older question has not answered the newer one."""
    _issue(1)
    _issue(2, version=2, wording="second wording", reissue=True)
    with pytest.raises(ConfirmationRefused, match="other wording"):
        _confirm(_book(make_return(form_id(1)), REVIEW))


def test_withdrawal_ends_consent_and_revives_nothing() -> None:
    """After a withdrawal nothing is in force, earlier papers can't be confirmed, a new form can."""
    _issue(1)
    _issue(2, reissue=True)
    old = _book(make_return(form_id(1)), REVIEW)
    _confirm(_book(make_return(form_id(2))))
    today = datetime.now(UTC).date()
    book.withdraw("K-1001", "remote-support", on=today - timedelta(days=1), reason="by phone", by="Petra")
    assert _statuses() == {form_id(2): "withdrawn"}
    with pytest.raises(NothingInForce):
        book.withdraw("K-1001", "remote-support", on=today, reason="again", by="Petra")
    with pytest.raises(ConfirmationRefused, match="withdrew"):
        _confirm(old)
    with pytest.raises(ConfirmationRefused, match="withdrawn"):
        _confirm(_book(make_return(form_id(2)), REVIEW))
    _issue(3)
    new = _book(make_return(form_id(3), variant="B"), at=datetime.now(UTC))
    assert book.confirm([new.return_id], by="Petra", at=datetime.now(UTC))[0].variant == "B"


def test_forms_are_sent_configured_and_voided() -> None:
    """What people report is booked, with its limits."""
    _issue(1)
    day = builders.ISSUED_ON
    book.record_sent([form_id(1)], on=day, channel="post", actor="Petra")
    assert _statuses() == {form_id(1): "sent"}
    with pytest.raises(NothingInForce):
        book.record_configured("K-1001", "remote-support", by="Uwe", on=day)
    _confirm(_book(make_return(form_id(1))))
    book.record_configured("K-1001", "remote-support", by="Uwe", on=day)
    with pytest.raises(NotAllowedNow, match="withdraw"):
        book.void(form_id(1), by="Petra", reason="mistake")
    with pytest.raises(UnknownForm):
        book.void(form_id(7), by="Petra", reason="mistake")
    with pytest.raises(NotAllowedNow, match="future"):
        book.record_sent([form_id(1)], on=date(2999, 1, 1), channel="post", actor="Petra")
    with pytest.raises(UnknownForm):
        book.record_sent([form_id(7)], on=day, channel="post", actor="Petra")


def test_overdue_is_who_has_not_answered_completely() -> None:
    """After the due date an issued or incomplete form is overdue; one that waits for us is not."""
    _issue(1)
    after = builders.ISSUED_ON + timedelta(days=29)
    assert not lookup.customers_status(today=after - timedelta(days=1))[0].overdue
    assert lookup.customers_status(today=after)[0].overdue
    _book(make_return(form_id(1), signature=SignatureState.ABSENT), INCOMPLETE)
    assert lookup.customers_status(today=after)[0].overdue
    _book(make_return(form_id(1)))
    assert not lookup.customers_status(today=after)[0].overdue


def test_doubtful_returns_wait_in_front() -> None:
    """Returns for review come before those that are clear, whatever their order of arrival."""
    verdicts = [ACCEPT, INCOMPLETE, REVIEW]
    for number, verdict in enumerate(verdicts):
        issued = builders.make_issued(form_id(number), builders.make_customer(f"K-{number}"))
        book.book_issue(issued, reissue=False, actor="generate", at=builders.ISSUED_AT)
        _book(make_return(form_id(number)), verdict)
    waiting = lookup.returns_waiting()
    assert [each.decision for each in waiting] == [Decision.REVIEW, Decision.INCOMPLETE, Decision.ACCEPT]
    assert (waiting[0].number, waiting[0].reasons) == ("K-2", (Reason.VARIANT_CORRECTED,))
    assert waiting[0].file_name == "SCN_0001.pdf"


def test_events_hold_no_personal_data() -> None:
    """After a whole circle the events hold nothing of the customer, and their chain verifies."""
    _issue(1)
    _confirm(_book(make_return(form_id(1))))
    day = datetime.now(UTC).date()
    book.withdraw("K-1001", "remote-support", on=day, reason="Frau Weiß rief an", by="Petra")
    written = " ".join(f"{event.subject} {event.data}" for event in Event.objects.all())
    for word in ("K-1001", "Łódź", "Weiß", "Torstr", "SCN_0001", "2026-10-10"):
        assert word not in written
    assert verify_chain() == Event.objects.count()


def test_an_instant_without_a_time_zone_is_refused() -> None:
    """Nobody can say which day such an instant belongs to."""
    naive = datetime(2026, 10, 1, 8, 0)  # noqa: DTZ001  # just that is tested
    with pytest.raises(ValueError, match="time zone"):
        book.book_issue(builders.make_issued(form_id(1)), reissue=False, actor="x", at=naive)
    _issue(1)
    with pytest.raises(ValueError, match="time zone"):
        _book(make_return(form_id(1)), at=naive)
