"""What can go wrong with a document: it is recorded with its reason, and the next one goes on."""

from __future__ import annotations

from intake.results import Reason


class IntakeError(Exception):
    """Base of the package's errors."""


class DocumentProblem(IntakeError):
    """The document cannot be read as a whole: a stable reason, and the failing part's own words for the log."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class PageProblem(IntakeError):
    """The page cannot be turned into a picture; the document's other pages go on."""
