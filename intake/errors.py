"""What can go wrong in taking in and reading files.

There are two families. `DocumentProblem`, `PageProblem`: the document is bad; it is recorded with its reason, and the
next one goes on. `IntakeBroken`: our own system is broken; stop, keep every file where it is, and call for help.
"""

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


class IntakeBroken(IntakeError):
    """Our own system is broken: a stable code, what is wrong, and the remedy."""

    code = "intake.broken"

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what} — {remedy}")
        self.what = what
        self.remedy = remedy


class MailboxUnavailable(IntakeBroken):
    """The mailbox folder is missing, cannot be looked into, or nothing can be moved out of it."""

    code = "intake.mailbox_unavailable"


class WorkerUnavailable(IntakeBroken):
    """No worker process can be started."""

    code = "intake.worker_unavailable"
