"""What can go wrong in taking in files that is not the fault of one document; every error says what staff can do."""

from __future__ import annotations

from intake.results import Reason


class IntakeError(Exception):
    """Base of the package's errors: a stable code, what is wrong, and the remedy."""

    code = "intake.error"

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what} — {remedy}")
        self.what = what
        self.remedy = remedy


class IntakeBroken(IntakeError):  # noqa: N818
    """Our own system is broken: stop, keep every file where it is, and call for help."""

    code = "intake.broken"


class MailboxUnavailable(IntakeBroken):
    """The mailbox folder is missing, cannot be looked into, or nothing can be moved out of it."""

    code = "intake.mailbox_unavailable"


class WorkerUnavailable(IntakeBroken):
    """No worker process can be started."""

    code = "intake.worker_unavailable"


class BadDocument(IntakeError):  # noqa: N818
    """One document is bad: record why, put it aside, go on with the next."""

    code = "intake.bad_document"
    reason = Reason.FILE_BROKEN


class UnreadableFile(BadDocument):
    """A complete file that cannot be opened or read."""

    code = "intake.unreadable_file"

    def __init__(self, what: str) -> None:
        super().__init__(f"the file cannot be opened: {what}", "check its rights, or scan it again")


class FileTooLarge(BadDocument):
    """A document larger than what is read."""

    code = "intake.file_too_large"
    reason = Reason.FILE_TOO_LARGE

    def __init__(self, size_bytes: int, max_bytes: int) -> None:
        super().__init__(
            f"the file has {size_bytes / 1e6:.0f} MB, at most {max_bytes / 1e6:.0f} MB are read",
            "scan it again in grey at 300 dpi, or in smaller stacks",
        )
