"""What reading gives: the findings of one document, return by return, and the decision on each.

These objects are all that other packages see of the reading. A worker process hands them over as JSON, so nothing in
them can run. Pages count from 1 and mean pages of the file read; boxes are millimetres on the *issued* page.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pydantic import ConfigDict, TypeAdapter

from forms.units import BoxMm
from intake.digital_signature import DigitalSignature

LONGEST_TEXT = 6_000
"""Characters that are kept of what was recognised on a page: a dense page of print has fewer."""


class Reason(StrEnum):
    """Why something needs a person or was refused; every code is explained in docs/reasons.md."""

    FILE_EMPTY = "file.empty"
    FILE_DOCUMENT = "file.document"
    FILE_SPREADSHEET = "file.spreadsheet"
    FILE_WEB_PAGE = "file.web_page"
    FILE_TEXT = "file.text"
    FILE_FORM_DATA = "file.form_data"
    FILE_PICTURE = "file.picture"
    FILE_MEDIA = "file.media"
    FILE_ARCHIVE = "file.archive"
    FILE_OUTLOOK = "file.outlook"
    FILE_PROGRAM = "file.program"
    FILE_UNSUPPORTED = "file.unsupported"
    FILE_ENCRYPTED = "file.encrypted"
    FILE_BROKEN = "file.broken"
    FILE_REPAIRED = "file.repaired"
    FILE_TOO_LARGE = "file.too_large"
    FILE_TIMEOUT = "file.timeout"
    FILE_MEMORY = "file.memory"
    FILE_CRASHED = "file.crashed"
    FILE_ERASED = "file.erased"
    FILE_WINMAIL = "file.winmail"
    FILE_SEALED = "file.sealed"
    PAGE_BLANK = "page.blank"
    PAGE_NO_CODE = "page.no_code"
    PAGE_CODE_UNREADABLE = "page.code_unreadable"
    PAGE_FOREIGN = "page.foreign"
    PAGE_UNREADABLE = "page.unreadable"
    PAGE_NOT_LOCATED = "page.not_located"
    PAGE_POOR_FIT = "page.poor_fit"
    PAGE_CUT = "page.cut"
    PAGE_LOW_RESOLUTION = "page.low_resolution"
    PAGE_FAINT = "page.faint"
    PAGE_BLACK_AND_WHITE = "page.black_and_white"
    PAGE_MISSING = "page.missing"
    PAGE_DOUBLED = "page.doubled"
    PAGE_REPEATED = "page.repeated"
    PAGE_ADDITIONS = "page.additions"
    PAGE_COMMENTS = "page.comments"
    PAGE_HIDDEN = "page.hidden"
    PAGE_PLACED = "page.placed"
    CODE_UNKNOWN = "code.unknown"
    CODE_ERASED = "code.erased"
    CODE_DISAGREE = "code.disagree"
    CODE_IN_LETTERS = "code.in_letters"
    ADDRESS_DIFFERS = "address.differs"
    TEXT_STRUCK = "text.struck"
    TEXT_DIFFERS = "text.differs"
    VARIANT_NONE = "variant.none"
    VARIANT_SEVERAL = "variant.several"
    VARIANT_CORRECTED = "variant.corrected"
    VARIANT_UNCLEAR = "variant.unclear"
    SIGNATURE_ABSENT = "signature.absent"
    SIGNATURE_UNCLEAR = "signature.unclear"
    SIGNATURE_PRINT = "signature.print"
    SIGNATURE_DIGITAL = "signature.digital"
    SIGNATURE_VALIDATED = "signature.validated"
    SIGNATURE_UNTRUSTED = "signature.untrusted"
    SIGNATURE_ELSEWHERE = "signature.elsewhere"
    SIGNATURE_CHANGED = "signature.changed"
    SIGNATURE_TAMPERED = "signature.tampered"
    PLACE_EMPTY = "place.empty"
    DATE_EMPTY = "date.empty"
    NAME_EMPTY = "name.empty"
    PLACE_FAINT = "place.faint"
    DATE_FAINT = "date.faint"
    NAME_FAINT = "name.faint"
    PLACE_FURTHER = "place.further"
    DATE_FURTHER = "date.further"
    NAME_FURTHER = "name.further"
    DATE_IMPLAUSIBLE = "date.implausible"
    VALUE_DISAGREES = "value.disagrees"
    RETURN_SENDER = "return.sender"
    RETURN_JOINED = "return.joined"
    RETURN_DUPLICATE = "return.duplicate"
    RETURN_CONTRADICTS = "return.contradicts"
    RETURN_SUPERSEDED = "return.superseded"
    RETURN_WITHDRAWN = "return.withdrawn"
    RETURN_LATE = "return.late"
    MAIL_NOT_OPENED = "mail.not_opened"
    MAIL_UNREAD = "mail.unread"
    MAIL_MENTIONS = "mail.mentions"
    MAIL_NOTHING = "mail.nothing"


class Decision(StrEnum):
    """What becomes of a return, before any person has looked."""

    ACCEPT = "accept"
    INCOMPLETE = "incomplete"
    REVIEW = "review"
    REJECT = "reject"


class MarkState(StrEnum):
    """What a checkbox shows."""

    EMPTY = "empty"
    MARKED = "marked"
    CORRECTED = "corrected"
    UNCLEAR = "unclear"


class VariantState(StrEnum):
    """What the checkboxes show together."""

    MARKED = "marked"
    CORRECTED = "corrected"
    NONE = "none"
    SEVERAL = "several"
    UNCLEAR = "unclear"
    PARTIAL = "partial"
    """None of the boxes is marked that could be read, and some are on a page that is not there."""


class SignatureState(StrEnum):
    """Whether the signature field holds a signature."""

    PRESENT = "present"
    ABSENT = "absent"
    UNCLEAR = "unclear"


class FieldState(StrEnum):
    """Whether a text field was written in, and read."""

    EMPTY = "empty"
    READ = "read"
    UNCLEAR = "unclear"


class AdditionKind(StrEnum):
    """What kind of thing stands on the page that was not issued with it."""

    INK = "ink"
    STAMP = "stamp"
    PRINT = "print"
    DAMAGE = "damage"


@dataclass(frozen=True, slots=True)
class CheckboxReading:
    """One checkbox: its state, and the raw measures that the state was derived from."""

    option: str
    state: MarkState
    confidence: float
    """Probability that the state is right, 0 to 1."""
    page: int
    box_mm: BoxMm
    inside: float
    """Share of the square's interior covered by ink beyond the blank page's, 0 to 1."""
    around_mm2: float
    """Area of ink near the square that does not touch it, in square millimetres."""
    on_screen: bool | None
    """The form field's own value in a PDF filled in on screen; None where the file carries no such field."""


@dataclass(frozen=True, slots=True)
class VariantReading:
    """The choice: what all checkboxes of the form say together."""

    value: str | None
    state: VariantState
    confidence: float
    options: tuple[CheckboxReading, ...]


@dataclass(frozen=True, slots=True)
class SignatureReading:
    """The signature field: whether a signature is present, and the raw measures behind it."""

    state: SignatureState
    confidence: float
    page: int
    box_mm: BoxMm
    ink_mm2: float
    """Area of ink in the field beyond the blank page's."""
    extent_mm: tuple[float, float]
    """Width and height of the room that the ink takes; (0, 0) where there is none."""
    printed_text: str
    """Words recognised with confidence inside the field (a stamp, a typed name); empty where there are none."""
    printed: bool
    """The ink is made of letters or framed like a stamp: print, not a pen's work."""
    digital: bool
    """The file carries a digital signature in this field."""


@dataclass(frozen=True, slots=True)
class FieldReading:
    """One text field."""

    name: str
    state: FieldState
    text: str
    """What the engine read, or what was typed; never altered by expectation."""
    value: str | None
    """The normalised value (a date as ISO 8601), or None where the text could not be understood."""
    confidence: float
    agrees: bool | None
    """Whether the value fits what is known of the customer; None where nothing can be said."""
    required: bool
    page: int
    box_mm: BoxMm
    ink_mm2: float
    faint: bool
    """The field holds so little ink that it may be dirt, or only a line: it cannot be called empty or written in."""
    further: bool = False
    """More seems to stand in it than a place, a date or a name: a condition, a number, words behind a comma."""


@dataclass(frozen=True, slots=True)
class Addition:
    """Something on the page that was not issued with it."""

    page: int
    box_mm: BoxMm
    kind: AdditionKind
    expected: bool
    """It lies in a zone for office ink: recorded, not doubted."""
    about: Reason | None = None
    """What it does to the print it lies on: strikes it out, or stands in its place; None where it does neither."""


@dataclass(frozen=True, slots=True)
class ReturnedPage:
    """One page of the file that belongs to a return."""

    __pydantic_config__ = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    page: int
    form_page: int
    """Which page of the issued form this is."""
    dpi: float
    """Resolution along the page, from its located corners; 0 where it could not be located."""
    residual_mm: float
    """Largest distance of a located anchor from where it was printed; 0 where the page could not be located."""
    picture_png: bytes
    """The page as located, upright, at 100 dpi; one that could not be located as received, however it lies.

    It is what a person looks at; empty where it was not asked for.
    """

    @property
    def is_located(self) -> bool:
        """Whether it is known where on the page its picture shows what."""
        return self.dpi > 0


@dataclass(frozen=True, slots=True)
class ReturnReading:
    """All pages in the file that belong to one issued form, and what they say."""

    form_id: str
    template: str
    version: int
    customer: str
    """The customer's number."""
    pages: tuple[ReturnedPage, ...]
    """In the order of the file."""
    variant: VariantReading | None
    """None where no page with a choice could be read."""
    signature: SignatureReading | None
    fields: tuple[FieldReading, ...]
    additions: tuple[Addition, ...]
    findings: tuple[Reason, ...]
    """What was found on the pages themselves: missing, doubled, not located, altered, filled in differently, ..."""
    digital_signatures: tuple[DigitalSignature, ...] = ()
    """Those of the files that its pages came in; they sign all of a file, whatever else is in it."""


@dataclass(frozen=True, slots=True)
class UnplacedPage:
    """A page of the file that belongs to no return, and why."""

    __pydantic_config__ = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    page: int
    reason: Reason
    picture_png: bytes = b""
    """The page as received, however it lies: what a person looks at. Empty where it could not be made a picture."""
    text: str = ""
    """What was recognised on a page without a readable code, one run of words a line: the sender chose it."""


@dataclass(frozen=True, slots=True)
class DocumentReading:
    """Everything found in one file; every page of it is in exactly one return or among the unplaced."""

    sha256: str
    problem: Reason | None
    """Why the file as a whole could not be read; None where it could."""
    detail: str
    """The problem in the words of whatever failed, for the log; empty where there is none."""
    page_count: int
    returns: tuple[ReturnReading, ...]
    unplaced: tuple[UnplacedPage, ...]
    fax: bool = False
    """Some of its pages are pictures as fax machines send them, and nothing else does."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision on one return, with its reasons."""

    decision: Decision
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class History:
    """What the registry knows about a form that a page alone cannot tell; all False when nothing was booked."""

    superseded: bool = False
    withdrawn: bool = False
    late: bool = False
    duplicate: bool = False
    """An earlier return of this form, which a person settles or has confirmed, says the same."""
    joined: bool = False
    """Its pages came in several files."""
    contradicts: bool = False
    """An earlier return or decision says something else."""
    sender: bool = False
    """It came in a mail from the address of another customer."""


_DOCUMENT = TypeAdapter(DocumentReading)
_RETURN = TypeAdapter(ReturnReading)


def document_to_json(reading: DocumentReading) -> bytes:
    """Serialise a document's reading."""
    return _DOCUMENT.dump_json(reading)


def document_from_json(data: bytes | str) -> DocumentReading:
    """Restore a document's reading; raises `pydantic.ValidationError` on anything else."""
    return _DOCUMENT.validate_json(data)


def return_to_json(reading: ReturnReading) -> bytes:
    """Serialise one return's reading."""
    return _RETURN.dump_json(reading)


def return_from_json(data: bytes | str) -> ReturnReading:
    """Restore one return's reading; raises `pydantic.ValidationError` on anything else."""
    return _RETURN.validate_json(data)
