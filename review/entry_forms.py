"""What people type or tick, checked before it reaches the book."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.contrib.auth.forms import PasswordChangeForm
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from forms.customers import MAX_FILE_BYTES
from registry.models import PageDecision
from registry.office_time import local_date
from registry.settling import SETTLING
from review.roles import Role
from review.words import CHANNELS, ROLES

_DIGITS_ALONE = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2}|[0-9]{4})")
DATE_FORMATS = ("%d.%m.%Y", "%d.%m.%y", "%Y-%m-%d")


def written_date(day: date | None) -> str:
    """A date as people here write it; empty for none."""
    if day is None:
        return ""
    return day.isoformat() if get_language() == "en" else date_format(day, "d.m.Y")


def today() -> date:
    """The date on the office's calendar."""
    return local_date(datetime.now(UTC))


def _check_past(day: date) -> None:
    if day > today():
        raise ValidationError(_("This date lies in the future."))


class PastDateField(forms.DateField):
    """A date up to today, written as on paper or as ISO 8601."""

    def __init__(self, *, required: bool = True) -> None:
        messages = {"invalid": _("This is no date; write it like 2026-11-23.")}
        super().__init__(
            input_formats=DATE_FORMATS, validators=[_check_past], required=required, error_messages=messages
        )

    def to_python(self, value: Any) -> date | None:
        """Take the digits alone, too: two for day and month, two or four for the year."""
        if isinstance(value, str) and (digits := _DIGITS_ALONE.fullmatch(value.strip())):
            value = ".".join(digits.groups())
        return super().to_python(value)


class ReasonField(forms.CharField):
    """Why something was decided."""

    def __init__(self) -> None:
        super().__init__(max_length=500, error_messages={"required": _("Say why: it is kept with the decision.")})


class LastEventField(forms.IntegerField):
    """The last event of the form that the person has seen: what happened since must be seen first."""

    def __init__(self) -> None:
        super().__init__(min_value=1, max_value=2**53)


class SeenForm(forms.Form):
    """What a person sees on a returned page."""

    variant = forms.CharField(max_length=1, error_messages={"required": _("Say which variant is marked.")})
    signed = forms.BooleanField(
        error_messages={"required": _("Without a signature nothing can come into force: say so if you see one.")}
    )
    signed_on = PastDateField(required=False)
    place = forms.CharField(max_length=200, required=False)
    signer = forms.CharField(max_length=200, required=False)
    last_event = LastEventField()


class BlindForm(SeenForm):
    """What a person sees without knowing what the machine read."""

    signed = forms.ChoiceField(  # type: ignore[assignment]  # here "no" is an answer too
        choices=[("yes", "yes"), ("no", "no")], error_messages={"required": _("Say whether the page is signed.")}
    )


class SettleForm(forms.Form):
    """What a person decides about a return besides confirming it."""

    how = forms.ChoiceField(choices=[(kind.value, kind.value) for kind in SETTLING])
    reason = ReasonField()
    last_event = LastEventField()


class PlaceForm(forms.Form):
    """Whose a page is."""

    form_id = forms.RegexField(r"^[0-9A-Z]{16}$")
    form_page = forms.IntegerField(min_value=1, max_value=99, required=False)


class MoveForm(PlaceForm):
    """Whose a return is instead."""

    reason = ReasonField()
    last_event = LastEventField()


class SettlePageForm(forms.Form):
    """That a page is nobody's."""

    how = forms.ChoiceField(choices=[(kind, kind) for kind in (PageDecision.Kind.NOT_OURS, PageDecision.Kind.BLANK)])


class NoteForm(forms.Form):
    """A note that may be left out."""

    note = forms.CharField(required=False, max_length=500, strip=True)


class ReasonForm(forms.Form):
    """That something is taken back."""

    reason = ReasonField()


class ReopenForm(ReasonForm):
    """That a decision is taken back."""

    last_event = LastEventField()


class AccountForm(forms.Form):
    """Who is to sign in, and what they may do."""

    name = forms.CharField(max_length=150, error_messages={"required": _("Give a name.")})
    roles = forms.MultipleChoiceField(
        choices=[(role, role) for role in ROLES], error_messages={"required": _("Choose at least one role.")}
    )

    def clean_roles(self) -> set[Role]:
        """The roles, as such."""
        return {Role(role) for role in self.cleaned_data["roles"]}


class OtherPasswordForm(PasswordChangeForm):
    """One's own password: another one than before."""

    def clean_new_password1(self) -> str:
        """Refuse the password that somebody else may have seen."""
        chosen: str = self.cleaned_data["new_password1"]
        if self.user.check_password(chosen):
            raise ValidationError(_("This is the password that you have had: choose another one."))
        return chosen


class ListForm(forms.Form):
    """Which template is issued, and to whom."""

    template = forms.CharField(max_length=60, error_messages={"required": _("Choose a template.")})
    customers = forms.FileField(
        allow_empty_file=True,  # the reader of lists says what is wrong with it
        error_messages={"required": _("Choose the file with the customers.")},
    )
    reissue = forms.BooleanField(required=False)

    def clean_customers(self) -> UploadedFile[Any]:
        """Refuse a file that the reader of lists would refuse, before it is kept."""
        upload: UploadedFile[Any] = self.cleaned_data["customers"]
        if (upload.size or 0) > MAX_FILE_BYTES:
            raise ValidationError(_("This file is larger than %(most)d MB.") % {"most": MAX_FILE_BYTES // 1_000_000})
        return upload


class SentForm(forms.Form):
    """That letters were sent."""

    on = PastDateField()
    channel = forms.ChoiceField(choices=list(CHANNELS.items()), error_messages={"required": _("Say how.")})


class SetUpForm(forms.Form):
    """That tools were set up."""

    on = PastDateField()


class ConfiguredForm(forms.Form):
    """That the tool was set up."""

    number = forms.CharField(max_length=32)
    template = forms.CharField(max_length=40)
    on = PastDateField()


class WithdrawForm(forms.Form):
    """That the customer withdrew."""

    number = forms.CharField(max_length=32)
    template = forms.CharField(max_length=40)
    on = PastDateField()
    reason = forms.CharField(max_length=500, error_messages={"required": _("Say how the customer withdrew.")})
