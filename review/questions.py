"""The questions that a person answers about a return, each with the part of the page that it is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from intake.results import FieldReading, Reason
from registry.evidence import Evidence
from registry.lookup import options_of
from review.entry_forms import SeenForm
from review.seen import Crop, crop_beside, crop_of
from review.words import FIELDS, Words

ASKED_OF_FIELDS = {"place": "place", "date": "signed_on", "name": "signer"}
"""What the person is asked about each written field."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the variants that may be marked."""

    option: str
    heading: str
    chosen: bool
    """As the person said, else as the machine read it for certain."""
    crop: Crop | None


@dataclass(frozen=True, slots=True)
class Written:
    """One written field, with what stands in the entry beside its crop."""

    name: str
    """Of the entry."""
    label: Words
    entry: str
    errors: Sequence[str]
    read: str
    crop: Crop | None
    doubts: Iterable[Reason]


def choices(evidence: Evidence, form: SeenForm) -> tuple[Choice, ...]:
    """The variants that the form has."""
    read = evidence.reading.variant
    crops = {each.option: crop_beside(evidence, each) for each in read.options} if read else {}
    chosen = form["variant"].value()
    return tuple(
        Choice(each.option, each.heading, each.option == chosen, crops.get(each.option))
        for each in options_of(evidence.reading.form_id)
    )


def signature_crop(evidence: Evidence) -> Crop | None:
    """The signature field; None where no page with it could be located."""
    signature = evidence.reading.signature
    return crop_of(evidence, signature.page, signature.box_mm) if signature else None


def written(
    evidence: Evidence, form: SeenForm, doubts: Mapping[str, list[Reason]], *, tells_what_was_read: bool = True
) -> tuple[Written, ...]:
    """The written fields."""
    read: dict[str, FieldReading] = {field.name: field for field in evidence.reading.fields}
    return tuple(
        Written(
            name=entry,
            label=FIELDS[field],
            entry=form[entry].value() or "",
            errors=[str(error) for error in form[entry].errors],
            read=read[field].text if field in read and tells_what_was_read else "",
            crop=crop_of(evidence, read[field].page, read[field].box_mm) if field in read else None,
            doubts=doubts.get(field, ()),
        )
        for field, entry in ASKED_OF_FIELDS.items()
    )
