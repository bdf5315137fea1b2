"""What can go wrong in the registry; every error says what staff can do about it.

`Refused` and its kind mean that what was asked for is not allowed and nothing was changed: tell the person, go on.
`Damaged` and its kind mean that our own system is broken: stop and raise the alarm.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from forms.messages import Message


class RegistryError(Exception):
    """Base of the package's errors: a stable code, what is wrong, and the remedy."""

    code = "registry.error"

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what} — {remedy}")
        self.what = what
        self.remedy = remedy


class Refused(RegistryError):
    """The book does not allow it; nothing was changed."""

    code = "registry.refused"


class TemplateChanged(Refused):
    """A template was edited after forms had been issued from it."""

    code = "registry.template_changed"

    def __init__(self, template: str, version: int) -> None:
        super().__init__(
            Message("{file} was changed after forms had been issued from it", file=f"{template}.v{version}.toml"),
            Message(
                "put the issued file back and write the change into {file}", file=f"{template}.v{version + 1}.toml"
            ),
        )


class UnknownForm(Refused):
    """No form with this id was ever issued here."""

    code = "registry.unknown_form"

    def __init__(self, form_id: str) -> None:
        super().__init__(f"no form {form_id!r} was issued here", "check the form code, and --home")


class FormErased(Refused):
    """The form's contents were erased: nothing can be booked of it any more."""

    code = "registry.form_erased"

    def __init__(self, form_id: str) -> None:
        super().__init__(f"the contents of the form {form_id} were erased", "issue a new form if one is needed")


class NothingInForce(Refused):
    """The customer has no form of the template in force."""

    code = "registry.nothing_in_force"

    def __init__(self, number: str, template: str) -> None:
        super().__init__(
            f"customer {number!r} has no form {template!r} in force", "see `ruecklauf status` for what there is"
        )


class NotAllowedNow(Refused):
    """The form's status does not allow this step."""

    code = "registry.not_allowed_now"


class UnknownFile(Refused):
    """No file with this digest was received here, or its contents were erased."""

    code = "registry.unknown_file"

    def __init__(self, sha256: str) -> None:
        super().__init__(f"no file {sha256!r} was received here", "check the digest, and --home")


class SettledMeanwhile(Refused):
    """The return waits no longer: somebody else decided about its form."""

    code = "registry.settled_meanwhile"

    def __init__(self, return_id: int) -> None:
        super().__init__(f"return {return_id} is settled", "see what was decided about its form, and by whom")


class ChangedMeanwhile(Refused):
    """Something happened to the return's form since the person looked."""

    code = "registry.changed_meanwhile"

    def __init__(self, return_id: int) -> None:
        super().__init__(
            f"something happened to the form of return {return_id} meanwhile", "see what it was, and decide again"
        )


class UnknownReturn(Refused):
    """There is no such return."""

    code = "registry.unknown_return"

    def __init__(self, return_id: int) -> None:
        super().__init__(f"there is no return {return_id}", "see `ruecklauf status --waiting` for those that wait")


class UnknownPage(Refused):
    """There is no such page among those that belong to nobody."""

    code = "registry.unknown_page"

    def __init__(self, page_id: int) -> None:
        super().__init__(f"there is no page {page_id} that belongs to no form", "see the inbox for those that wait")


class UnknownMail(Refused):
    """There is no such mail, or it was erased."""

    code = "registry.unknown_mail"

    def __init__(self, mail_id: int) -> None:
        super().__init__(f"there is no mail {mail_id}", "see `ruecklauf status --mails` for those that wait")


class MailDealtWith(Refused):
    """Somebody has dealt with the mail before."""

    code = "registry.mail_dealt_with"

    def __init__(self, mail_id: int) -> None:
        super().__init__(f"mail {mail_id} was dealt with before", "look who did it, and when")


class MailWaits(Refused):
    """Nobody has dealt with the mail, or that was taken back before."""

    code = "registry.mail_waits"

    def __init__(self, mail_id: int) -> None:
        super().__init__(f"mail {mail_id} is not dealt with", "read it, and say so when it is")


class PageSettled(Refused):
    """Somebody decided about the page before."""

    code = "registry.page_settled"

    def __init__(self, page_id: int) -> None:
        super().__init__(f"something was decided about page {page_id} before", "see what, and by whom")


class Objection(StrEnum):
    """What can speak against confirming a return."""

    UNKNOWN = "unknown"
    CONFIRMED_BEFORE = "confirmed_before"
    SETTLED = "settled"
    SAME_QUESTION = "same_question"
    FORM_ENDED = "form_ended"
    OTHER_WORDING = "other_wording"
    WITHDRAWN_SINCE = "withdrawn_since"
    NO_SUCH_VARIANT = "no_such_variant"
    NO_VARIANT = "no_variant"
    NO_SIGNATURE = "no_signature"
    CONTRADICTED = "contradicted"
    FUTURE_DATE = "future_date"
    NOT_CLEAR = "not_clear"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one return could not be confirmed."""

    return_id: int
    objection: Objection
    why: str
    remedy: str


class ConfirmationRefused(Refused):
    """At least one of the returns can't be confirmed; none was."""

    code = "registry.confirmation_refused"

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__(
            "; ".join(f"return {refusal.return_id}: {refusal.why} ({refusal.remedy})" for refusal in refusals),
            "nothing was confirmed; leave these out or settle them, then confirm again",
        )
        self.refusals = refusals


class Damaged(RegistryError):
    """The registry or its archive is not as it was written, or the program contradicts itself."""

    code = "registry.damaged"


class ArchiveDamaged(Damaged):
    """Archived bytes are missing or no longer have their digest."""

    code = "registry.archive_damaged"


class ChainBroken(Damaged):
    """The chain of events does not verify."""

    code = "registry.chain_broken"


class RegistryBehind(Damaged):
    """The registry lacks events that its archive has anchored: it is an older copy, or was cut off."""

    code = "registry.behind"


class BackupDamaged(Damaged):
    """A backup is not as it was written, or cannot be used here."""

    code = "registry.backup_damaged"


class Inconsistent(Damaged):
    """What was handed over contradicts itself; it was not booked."""

    code = "registry.inconsistent"

    def __init__(self, what: str) -> None:
        super().__init__(what, "this is a fault of the program: report it")
