"""The book's only writer: everything that may be written into the registry, in one list.

Every function is one transaction, in which nobody else writes (`registry.events.one_writer`).
"""

from registry.book_decisions import record_configured, record_sent, void, withdraw
from registry.book_issues import book_issue, check_template_frozen
from registry.book_returns import (
    Booked,
    BookedReturn,
    ReceivedBytes,
    already_received,
    book_arrival_again,
    book_document,
)
from registry.confirming import Confirmed, confirm

__all__ = [
    "Booked",
    "BookedReturn",
    "Confirmed",
    "ReceivedBytes",
    "already_received",
    "book_arrival_again",
    "book_document",
    "book_issue",
    "check_template_frozen",
    "confirm",
    "record_configured",
    "record_sent",
    "void",
    "withdraw",
]
