"""The words for what the registry and the reading say in codes; German stands in the catalogue."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forms.messages import Message
from intake.digital_signature import DigitalState
from intake.mail_contents import PartKind
from intake.results import AdditionKind, Decision, FieldState, MarkState, Reason, SignatureState
from registry.errors import ChangedMeanwhile, NothingInForce, Objection, Refused, SettledMeanwhile
from registry.inbox import State
from registry.models import HumanDecision, MailDecision, PageDecision
from registry.recognised_forms import Part
from registry.statuses import EventKind, Status
from registry.ways import Way

Words = str | Promise

DECISIONS: dict[Decision, Words] = {
    Decision.ACCEPT: _("clear"),
    Decision.REVIEW: _("to check"),
    Decision.INCOMPLETE: _("incomplete"),
    Decision.REJECT: _("unreadable"),
}
TONES: dict[Decision, str] = {
    Decision.ACCEPT: "good",
    Decision.REVIEW: "doubt",
    Decision.INCOMPLETE: "bad",
    Decision.REJECT: "bad",
}
"""The class under which review.css gives each its colours."""

STATES: dict[State, Words] = {
    State.REVIEW: _("to check"),
    State.REJECT: _("unreadable"),
    State.INCOMPLETE: _("incomplete"),
    State.BLIND: _("blind sample"),
    State.CLEAR: _("clear"),
}
STATE_TONES: dict[State, str] = {
    State.REVIEW: "doubt",
    State.REJECT: "bad",
    State.INCOMPLETE: "bad",
    State.BLIND: "",
    State.CLEAR: "good",
}
WAYS: dict[Way, Words] = {Way.FAX: _("fax"), Way.MAIL: _("by mail"), Way.PHOTO: _("photo"), Way.SCAN: _("scan or PDF")}
SIGNATURES: dict[SignatureState, Words] = {
    SignatureState.PRESENT: _("signed"),
    SignatureState.ABSENT: _("not signed"),
    SignatureState.UNCLEAR: _("signature unclear"),
}
MARKS: dict[MarkState, Words] = {
    MarkState.EMPTY: _("empty"),
    MarkState.MARKED: _("marked"),
    MarkState.CORRECTED: _("corrected"),
    MarkState.UNCLEAR: _("unclear"),
}
FIELD_STATES: dict[FieldState, Words] = {
    FieldState.EMPTY: _("empty"),
    FieldState.READ: _("read"),
    FieldState.UNCLEAR: _("unclear"),
}
ADDITIONS: dict[AdditionKind, Words] = {
    AdditionKind.INK: _("handwriting or a mark"),
    AdditionKind.STAMP: _("stamp"),
    AdditionKind.PRINT: _("print"),
    AdditionKind.DAMAGE: _("damage"),
}
ON_PRINT: dict[Reason, Words] = {
    Reason.TEXT_STRUCK: _("print that is struck out"),
    Reason.TEXT_DIFFERS: _("other print than was issued"),
    Reason.ADDRESS_DIFFERS: _("another address than was issued"),
}
"""What is done to the print of a page."""
DIGITAL_STATES: dict[DigitalState, Words] = {
    DigitalState.INTACT: _("is what was signed"),
    DigitalState.CHANGED: _("was filled in or annotated further after signing"),
    DigitalState.TAMPERED: _("was altered after signing"),
    DigitalState.UNREADABLE: _("could not be validated"),
}
DIGITAL_TONES: dict[DigitalState, str] = {
    DigitalState.INTACT: "good",
    DigitalState.CHANGED: "bad",
    DigitalState.TAMPERED: "bad",
    DigitalState.UNREADABLE: "doubt",
}
STATUSES: dict[Status, Words] = {
    Status.ISSUED: _("issued"),
    Status.SENT: _("sent"),
    Status.RETURNED: _("returned"),
    Status.INCOMPLETE: _("incomplete"),
    Status.IN_FORCE: _("in force"),
    Status.SUPERSEDED: _("superseded"),
    Status.WITHDRAWN: _("withdrawn"),
    Status.VOID: _("void"),
}
STATUS_TONES: dict[Status, str] = {
    Status.IN_FORCE: "good",
    Status.RETURNED: "doubt",
    Status.INCOMPLETE: "bad",
    Status.WITHDRAWN: "bad",
}
"""Those statuses that have a colour."""
FIELDS: dict[str, Words] = {"place": _("Place"), "date": _("Date"), "name": _("Name")}
"""What templates may say of our own."""

KINDS: dict[HumanDecision.Kind, Words] = {
    HumanDecision.Kind.SENT: _("sent"),
    HumanDecision.Kind.CONFIRMED: _("confirmed"),
    HumanDecision.Kind.ASKED: _("to be asked again"),
    HumanDecision.Kind.NOT_OURS: _("not ours"),
    HumanDecision.Kind.MOVED: _("moved to another customer"),
    HumanDecision.Kind.SET_ASIDE: _("set aside"),
    HumanDecision.Kind.REOPENED: _("decision taken back"),
    HumanDecision.Kind.BLIND: _("answered blind"),
    HumanDecision.Kind.CONFIGURED: _("set up"),
    HumanDecision.Kind.WITHDRAWN: _("withdrawn"),
    HumanDecision.Kind.VOIDED: _("declared void"),
}
PAGE_KINDS: dict[PageDecision.Kind, Words] = {
    PageDecision.Kind.PLACED: _("This page is booked with a form."),
    PageDecision.Kind.NOT_OURS: _("This page is none of ours."),
    PageDecision.Kind.BLANK: _("This page is a blank back."),
    PageDecision.Kind.REOPENED: _("The decision is taken back: this page waits again."),
}
"""What people decide about pages of nobody."""
MAIL_KINDS: dict[MailDecision.Kind, Words] = {
    MailDecision.Kind.DEALT_WITH: _("Dealt with"),
    MailDecision.Kind.REOPENED: _("Taken back: the mail waits again"),
}
"""What people decide about mails."""
PART_KINDS: dict[PartKind, Words] = {
    PartKind.DOCUMENT: _("attachment, read as a file is"),
    PartKind.OUR_LETTER: _("our own letter, as it was issued: nothing is filled in"),
    PartKind.TEXT: _("words of the mail"),
    PartKind.FOOTER_PICTURE: _("small picture, as in the footer of a mail"),
    PartKind.MAIL_SIGNATURE: _("digital signature of the mail, not checked"),
    PartKind.NOTICE: _("written by a mail program for another"),
    PartKind.OPENED: _("opened; what it holds comes next"),
    PartKind.NOT_OPENED: _("not opened: open it yourself"),
}
"""What the parts of a mail are."""
PARTS: dict[Part, Words] = {
    Part.REFERENCE: _("form code"),
    Part.NUMBER: _("customer number"),
    Part.COMPANY: _("company"),
    Part.STREET: _("street"),
    Part.CONTACT: _("contact"),
    Part.PLACE: _("city"),
    Part.WORDING: _("wording"),
}
"""What of a form was recognised on a page."""
EVENTS: dict[EventKind, Words] = {
    EventKind.ISSUED: _("Form issued"),
    EventKind.SENT: _("Form sent"),
    EventKind.SUPERSEDED: _("Superseded by another form"),
    EventKind.RESTORED: _("Restored: what had superseded it was taken back"),
    EventKind.WITHDRAWN: _("Withdrawn by the customer"),
    EventKind.VOIDED: _("Declared void"),
    EventKind.CONFIGURED: _("Tool set up"),
    EventKind.RETURN_BOOKED: _("Return received"),
    EventKind.RETURN_INCOMPLETE: _("Return received, incomplete"),
    EventKind.RETURN_REJECTED: _("Return received, unreadable"),
    EventKind.RETURN_CONFIRMED: _("Return confirmed: in force"),
    EventKind.RETURN_ASKED: _("Return settled: the customer is to be asked again"),
    EventKind.RETURN_NOT_OURS: _("Return settled: not ours"),
    EventKind.RETURN_MOVED: _("Return settled: moved to another customer"),
    EventKind.RETURN_SET_ASIDE: _("Return settled: set aside"),
    EventKind.RETURN_BLIND: _("Return looked at without knowing what was read"),
    EventKind.RETURN_REOPENED: _("Decision on the return taken back: it waits again"),
}
"""What happens to forms."""

OBJECTIONS: dict[Objection, Words] = {
    Objection.UNKNOWN: _("There is no such return."),
    Objection.CONFIRMED_BEFORE: _("It was confirmed before."),
    Objection.SETTLED: _("Something else was decided about it: take that back first."),
    Objection.SAME_QUESTION: _("Another return of this customer is chosen too: confirm only the one that counts."),
    Objection.FORM_ENDED: _("Its form was withdrawn or declared void: a new form must be issued."),
    Objection.OTHER_WORDING: _("A form with other wording has taken its place: wait for that one to come back."),
    Objection.WITHDRAWN_SINCE: _("The customer withdrew after it had arrived: a new form must be issued."),
    Objection.NO_SUCH_VARIANT: _("The form has no such variant."),
    Objection.NO_VARIANT: _("No variant could be read: look at the page and say which one is marked."),
    Objection.NO_SIGNATURE: _("No signature was found for certain: look at the page."),
    Objection.CONTRADICTED: _("Another return of the same form says something else: look at both."),
    Objection.FUTURE_DATE: _("The date of signature lies in the future."),
    Objection.ERASED: _("Its contents were erased: a new form must be issued if one is needed."),
    Objection.NOT_CLEAR: _("It is not clear any more: look at it by itself."),
}
NOTHING_IN_FORCE = _("Nothing is in force any more: somebody else was faster. See below what was decided.")
SETTLED_MEANWHILE = _("Somebody else was faster: see below who decided what. Nothing was changed.")
CHANGED_MEANWHILE = _("Something happened to this form meanwhile. Nothing was changed: look again, and decide.")
NOT_POSSIBLE = _("This is not possible now. See below what was decided.")

COLUMNS: dict[str, Words] = {
    "": _("whole row"),
    "number": _("customer number"),
    "company": _("company"),
    "contact": _("contact"),
    "street": _("street"),
    "postal_code": _("postal code"),
    "city": _("city"),
    "country": _("country"),
    "email": _("e-mail"),
}
"""The columns of a customer list."""
ROLES: dict[str, Words] = {
    "issue": _("issues: letters out, set up, ask again"),
    "review": _("reviews: decides about returns"),
    "administer": _("administers: accounts"),
}
"""What somebody may do; the keys are `review.roles.Role`'s."""
CHANNELS: dict[str, Words] = {
    "post": _("by post"),
    "e-mail": _("by e-mail"),
    "fax": _("by fax"),
    "by hand": _("by hand"),
}
"""How letters are sent."""


def translated(text: str) -> str:
    """Say what other parts of the program say in English; what is no message of theirs is left as it stands."""
    if not isinstance(text, Message):
        return text
    values = {name: translated(each) if isinstance(each, str) else each for name, each in text.values.items()}
    return gettext(text.pattern).format(**values)


def refusal(error: Refused) -> Words:
    """Say why the book refused what was asked about a form."""
    match error:
        case NothingInForce():
            return NOTHING_IN_FORCE
        case SettledMeanwhile():
            return SETTLED_MEANWHILE
        case ChangedMeanwhile():
            return CHANGED_MEANWHILE
        case _:
            return NOT_POSSIBLE
