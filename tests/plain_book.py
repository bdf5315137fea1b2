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
    end: str = ""
    is_superseded: bool = False
    turns: list[PlainTurn] = field(default_factory=list)
    """What put it in force and was not taken back."""
    returns: list[PlainReturn] = field(default_factory=list)
    set_up_on: set[date] = field(default_factory=set)
    """When the tool was set up since."""
    sent_on: set[date] = field(default_factory=set)
    to_ask: set[PlainReturn] = field(default_factory=set)
    """About what the customer is to be asked, until the form is sent again."""
    is_erased: bool = False

    @property
    def status(self) -> str:
        """Where it stands: what counts most comes first."""
        waiting = {answer.decision for answer in self.returns if answer.is_waiting}
        holds = {
            self.end: self.end,
            "superseded": self.is_superseded,
            "in_force": self.turns,
            "returned": waiting & {"accept", "review"},
            "incomplete": "incomplete" in waiting or self.to_ask,
            "sent": self.sent_on,
            "issued": True,
        }
        return next(status for status, is_so in holds.items() if is_so)

    @property
    def variant(self) -> str | None:
        """As confirmed last; None where it never was."""
        return self.turns[-1].variant if self.turns else None

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
    decision: str
    is_waiting: bool = True
    is_settled: bool = False
    """Somebody decided about it, and put nothing in force by it."""
    is_aside: bool = False
    """That is: it was set aside."""
    is_reopened: bool = False
    """A decision about it was taken back."""

    @property
    def is_confirmed(self) -> bool:
        """It put its form in force, and that was not taken back."""
        return any(turn.answer is self for turn in self.form.turns)


@dataclass(frozen=True, eq=False)
class PlainTurn:
    """That a return put its form in force, and how all stood before."""

    answer: PlainReturn
    variant: str
    settled: Sequence[PlainReturn]
    replaced: Sequence[PlainForm]
    was_superseded: bool
    set_up_on: set[date]


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
                other.is_superseded = True
        self.forms.append(form)

    def receive(self, answer: PlainReturn) -> None:
        """It waits for a person."""
        self.returns.append(answer)
        answer.form.returns.append(answer)

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
        if answer.is_settled:
            yield "something else was decided about it"
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
        if self._is_overtaken(answer):
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

    def _is_overtaken(self, answer: PlainReturn) -> bool:
        return any(
            withdrawn.question == answer.form.question and not withdrawn.is_erased and on >= answer.arrived_on
            for withdrawn, on in self.withdrawals
        )

    def is_clear(self, answer: PlainReturn) -> bool:
        """It waits, accepted, and is all that its customer says of this; nobody has looked and taken back."""
        question = answer.form.question
        waiting = [each for each in self.returns if each.is_waiting and each.form.question == question]
        is_accepted = answer.decision == "accept" and answer.form.status == "returned" and not answer.is_reopened
        return waiting == [answer] and is_accepted and not self._is_overtaken(answer)

    def inbox(self) -> list[PlainReturn]:
        """What waits: clear ones last, and else by what the machine decided, then in the order of arrival."""
        urgency = ("review", "accept", "reject", "incomplete")

        def place(answer: PlainReturn) -> tuple[bool, int, date, int]:
            return self.is_clear(answer), urgency.index(answer.decision), answer.arrived_on, answer.return_id

        return sorted((answer for answer in self.returns if answer.is_waiting), key=place)

    def confirm(self, answer: PlainReturn, said: Said) -> None:
        """What was in force gives way, and what still asks the same; the form's returns are settled."""
        form = answer.form
        came_late = form.status == "superseded"
        replaced = [
            other
            for other in self.of(form.question)
            if other is not form
            and (other.status == "in_force" or (came_late and other.is_open and other.wording == form.wording))
        ]
        for other in replaced:
            other.is_superseded = True
        settled = [each for each in form.returns if each.is_waiting]
        variant = said.variant or answer.variant
        assert variant is not None
        form.turns.append(PlainTurn(answer, variant, settled, replaced, form.is_superseded, form.set_up_on))
        form.is_superseded, form.set_up_on = False, set()
        self._settle(form)

    def may_settle(self, answer: PlainReturn) -> bool:
        """Nobody has decided about it."""
        return answer.is_waiting and not answer.form.is_erased

    def settle(self, answer: PlainReturn, how: str) -> None:
        """Decide about a return without putting it in force."""
        answer.is_waiting, answer.is_settled, answer.is_aside = False, True, how == "set_aside"
        if how == "asked" and not answer.form.end:
            answer.form.to_ask.add(answer)

    def may_reopen(self, answer: PlainReturn) -> bool:
        """Something was decided, and it is what counts."""
        form = answer.form
        is_what_counts = form.status == "in_force" and form.turns[-1].answer is answer
        return not form.is_erased and not answer.is_waiting and (is_what_counts or not answer.is_confirmed)

    def reopen(self, answer: PlainReturn) -> None:
        """All is as if it had not been decided."""
        form = answer.form
        answer.is_waiting, answer.is_settled, answer.is_aside, answer.is_reopened = True, False, False, True
        form.to_ask.discard(answer)
        if form.status != "in_force" or form.turns[-1].answer is not answer:
            return
        turn = form.turns.pop()
        form.is_superseded, form.set_up_on = turn.was_superseded, turn.set_up_on
        for each in turn.settled:
            each.is_waiting = True
        for other in turn.replaced:
            other.is_superseded = other.is_erased  # what is forgotten stays as it is

    def withdraw(self, question: Question, on: date) -> None:
        """What is in force ends, and nothing comes back."""
        form = self.in_force(question)
        assert form is not None
        form.end = "withdrawn"
        self.withdrawals.append((form, on))
        self._settle(form)

    def may_void(self, form: PlainForm) -> bool:
        """Only what never was in force can have been a mistake."""
        return form.variant is None and form.status not in ENDED

    def void(self, form: PlainForm) -> None:
        """A form issued by mistake."""
        form.end = "void"
        self._settle(form)

    def may_erase(self, number: str) -> bool:
        """Something of theirs is there to be asked for, be it in force."""
        return any(form.question[0] == number and not form.is_erased for form in self.forms)

    def erase(self, number: str) -> None:
        """All of a customer's forms are forgotten but those in force; an open one is void."""
        for form in self.forms:
            if form.question[0] == number and form.status != "in_force" and not form.is_erased:
                form.end = "void" if form.is_open else form.end
                form.is_erased = True
                self._settle(form)

    def _settle(self, form: PlainForm) -> None:
        form.to_ask.clear()
        for answer in form.returns:
            answer.is_waiting = False
