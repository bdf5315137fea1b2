"""The rules of the book once more, as plainly as they can be said: what the registry is compared with.

Nothing here comes from the registry; words and dates are those of README and docs/decisions/0006-the-book.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

Question = tuple[str, str]
"""Customer's number and template: what at most one form in force answers."""

OPEN = ("issued", "sent", "returned", "incomplete")
ENDED = ("withdrawn", "void")


@dataclass(eq=False)
class PlainForm:
    """One issued form."""

    form_id: str
    question: Question
    version: int
    wording: str
    status: str = "issued"
    variant: str | None = None
    """As confirmed last; None where it never was."""
    set_up_on: set[date] = field(default_factory=set)
    """When the tool was set up since."""
    sent_on: set[date] = field(default_factory=set)
    is_erased: bool = False

    @property
    def is_open(self) -> bool:
        """The answer is still to come, or to be confirmed."""
        return self.status in OPEN


@dataclass(eq=False)
class PlainReturn:
    """One return."""

    return_id: int
    form: PlainForm
    variant: str | None
    """As read; None where nothing could be."""
    signed: bool
    """A signature was found for certain."""
    arrived_on: date
    is_confirmed: bool = False
    is_waiting: bool = True


@dataclass(frozen=True)
class Said:
    """What the confirming person says."""

    variant: str | None = None
    signed_on: date | None = None
    signed: bool = False


@dataclass
class PlainBook:
    """All forms and returns, in the order of booking."""

    today: date
    forms: list[PlainForm] = field(default_factory=list)
    returns: list[PlainReturn] = field(default_factory=list)
    withdrawals: list[tuple[PlainForm, date]] = field(default_factory=list)

    def of(self, question: Question) -> list[PlainForm]:
        """The forms that ask this customer this, as far as anybody still knows."""
        return [form for form in self.forms if form.question == question and not form.is_erased]

    def in_force(self, question: Question) -> PlainForm | None:
        """The form in force."""
        return next((form for form in self.of(question) if form.status == "in_force"), None)

    def stands_in_the_way(self, question: Question, version: int) -> bool:
        """The customer has an open form, or has answered just this version."""
        return any(
            form.is_open or (form.status == "in_force" and form.version == version) for form in self.of(question)
        )

    def issue(self, form: PlainForm) -> None:
        """A new form supersedes the open one."""
        for other in self.of(form.question):
            if other.is_open:
                other.status = "superseded"
        self.forms.append(form)

    def receive(self, answer: PlainReturn, decision: str) -> None:
        """A complete return outdoes an incomplete one; on a form that is not open it changes nothing."""
        self.returns.append(answer)
        form = answer.form
        if form.is_open and decision in ("accept", "review"):
            form.status = "returned"
        elif form.status in ("issued", "sent") and decision == "incomplete":
            form.status = "incomplete"

    def objections(self, answers: Sequence[PlainReturn], said: Said) -> bool:
        """Something speaks against confirming these together."""
        questions = [answer.form.question for answer in answers]
        says_more = said != Said()
        return (
            (says_more and len(answers) != 1)
            or len(set(questions)) < len(questions)
            or any(True for answer in answers for _ in self._objections(answer, said))
        )

    def _objections(self, answer: PlainReturn, said: Said) -> Iterator[str]:
        form = answer.form
        if form.is_erased:
            yield "its form was erased"
        if answer.is_confirmed:
            yield "confirmed before"
        if form.status in ENDED:
            yield "its form has ended"
        later = self.forms[self.forms.index(form) + 1 :]
        if form.status == "superseded" and any(
            other.question == form.question
            and other.wording != form.wording
            and other.status != "void"
            and not other.is_erased
            for other in later
        ):
            yield "a form with other wording has taken its place"
        if any(
            withdrawn.question == form.question and not withdrawn.is_erased and on >= answer.arrived_on
            for withdrawn, on in self.withdrawals
        ):
            yield "the customer withdrew after it had arrived"
        if (said.variant or answer.variant) not in ("A", "B"):
            yield "no variant"
        if not (said.signed or answer.signed):
            yield "no signature"
        if said.signed_on and said.signed_on > self.today:
            yield "signed in the future"
        if said.variant is None and any(
            other.form is form and other.is_waiting and other.variant not in (None, answer.variant)
            for other in self.returns
        ):
            yield "another return says otherwise"

    def confirm(self, answer: PlainReturn, said: Said) -> None:
        """What was in force gives way, and what still asks the same; the form's returns are settled."""
        form = answer.form
        came_late = form.status == "superseded"
        for other in self.of(form.question):
            asks_the_same = came_late and other.is_open and other.wording == form.wording
            if other is not form and (other.status == "in_force" or asks_the_same):
                other.status = "superseded"
        form.status, form.variant, form.set_up_on = "in_force", said.variant or answer.variant, set()
        answer.is_confirmed = True
        self._settle(form)

    def withdraw(self, question: Question, on: date) -> None:
        """What is in force ends, and nothing comes back."""
        form = self.in_force(question)
        assert form is not None
        form.status = "withdrawn"
        self.withdrawals.append((form, on))
        self._settle(form)

    def may_void(self, form: PlainForm) -> bool:
        """Only what never was in force can have been a mistake."""
        return form.variant is None and form.status not in ENDED

    def void(self, form: PlainForm) -> None:
        """A form issued by mistake."""
        form.status = "void"
        self._settle(form)

    def may_erase(self, number: str) -> bool:
        """Something of theirs is there to be asked for, be it in force."""
        return any(form.question[0] == number and not form.is_erased for form in self.forms)

    def erase(self, number: str) -> None:
        """All of a customer's forms are forgotten but those in force; an open one is void."""
        for form in self.forms:
            if form.question[0] == number and form.status != "in_force" and not form.is_erased:
                form.status = "void" if form.is_open else form.status
                form.is_erased = True
                self._settle(form)

    def _settle(self, form: PlainForm) -> None:
        for answer in self.returns:
            if answer.form is form:
                answer.is_waiting = False
