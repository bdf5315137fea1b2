"""The wordings of all letters that were ever issued here: what a page of ours says, whosever it is."""

from __future__ import annotations

from functools import lru_cache

from forms.issued_form import letter_from_json
from intake.stray_pages import Wording, wording_of
from registry.models import Letter


def known_wordings() -> tuple[Wording, ...]:
    """Every letter's wording."""
    return tuple(wording_named(sha256) for sha256 in Letter.objects.order_by("pk").values_list("sha256", flat=True))


@lru_cache(maxsize=256)
def wording_named(sha256: str) -> Wording:
    """The wording of the letter with this digest, which never changes."""
    return wording_of(letter_from_json(Letter.objects.get(pk=sha256).geometry_json))
