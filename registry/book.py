"""The book's only writer: everything that may be written into the registry, in one list.

Every function is one transaction, in which nobody else writes (`registry.events.one_writer`).
"""

from registry.blind_sample import BlindAnswer, answer_blind
from registry.book_decisions import record_configured, record_sent, record_set_up, void, withdraw
from registry.book_issues import (
    BatchOrder,
    OpenBatch,
    StandingForm,
    book_issues,
    check_template_frozen,
    finish_batch,
    forms_in_the_way,
    open_batch,
)
from registry.book_mails import book_mail
from registry.book_returns import (
    Booked,
    BookedReturn,
    ReceivedBytes,
    book_document,
    book_known_bytes,
)
from registry.confirming import Confirmed, Seen, confirm, confirm_clear, confirm_seen
from registry.placing import Placed, move, place, reopen_page, settle_page
from registry.retrying import ask_to_read_again
from registry.settling import reopen, reopen_unchanged, settle
from registry.settling_mails import reopen_mail, settle_mail

__all__ = [
    "BatchOrder",
    "BlindAnswer",
    "Booked",
    "BookedReturn",
    "Confirmed",
    "OpenBatch",
    "Placed",
    "ReceivedBytes",
    "Seen",
    "StandingForm",
    "answer_blind",
    "ask_to_read_again",
    "book_document",
    "book_issues",
    "book_known_bytes",
    "book_mail",
    "check_template_frozen",
    "confirm",
    "confirm_clear",
    "confirm_seen",
    "finish_batch",
    "forms_in_the_way",
    "move",
    "open_batch",
    "place",
    "record_configured",
    "record_sent",
    "record_set_up",
    "reopen",
    "reopen_mail",
    "reopen_page",
    "reopen_unchanged",
    "settle",
    "settle_mail",
    "settle_page",
    "void",
    "withdraw",
]
