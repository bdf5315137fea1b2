"""What a worker does with received bytes: it opens a mail, and reads everything else as a document."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from functools import partial

from intake.errors import DocumentProblem
from intake.identify import FormLookup
from intake.mail_contents import MailContents
from intake.mail_format import looks_like_mail
from intake.open_mail import open_mail
from intake.read_document import read_document
from intake.results import DocumentReading
from intake.validate_signatures import Certificates


def read_received(
    data: bytes,
    lookup: FormLookup,
    today: date,
    announce_pages: Callable[[int], None],
    trusted: Certificates = (),
    *,
    pictures: bool = True,
) -> DocumentReading | MailContents:
    """Open a mail or read a document, with or without pictures of its pages for people to look at.

    What is wrong with it is part of the result.
    """
    if not looks_like_mail(data):
        return read_document(data, lookup, today, announce_pages, trusted, pictures=pictures)
    try:
        return open_mail(data)
    except DocumentProblem as problem:
        return DocumentReading(hashlib.sha256(data).hexdigest(), problem.reason, problem.detail, 0, (), ())


read_without_pictures = partial(read_received, pictures=False)
"""The same for who looks at no picture: it takes less time."""
