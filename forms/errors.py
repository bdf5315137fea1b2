"""What can go wrong in issuing; every error says what staff can do about it."""

from __future__ import annotations


class FormsError(Exception):
    """Base of the package's errors: a stable code, what is wrong, and the remedy."""

    code = "forms.error"

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what} — {remedy}")
        self.what = what
        self.remedy = remedy


class LayoutError(FormsError):
    """A template cannot be laid out: something in it does not fit its place."""

    code = "forms.layout"


class DoesNotFit(FormsError):
    """Something of the customer's does not fit its place; the form was not issued, and nothing was shortened."""

    code = "forms.does_not_fit"


class CustomerFileError(FormsError):
    """A customer list cannot be used as a whole: it is none, it is damaged, or columns are missing."""

    code = "customers.file"
