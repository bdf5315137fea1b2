"""The other returns of the customer and template, beside the one that is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from intake.comparing import Sameness
from registry.evidence import Evidence, evidence_of
from registry.links import LinkedReturn, linked_returns
from review.seen import Crop, SeenPage, crop_beside, crop_of, seen_pages


@dataclass(frozen=True, slots=True)
class Beside:
    """Another return, to be looked at side by side with the one that is asked about."""

    link: LinkedReturn
    evidence: Evidence
    pages: tuple[SeenPage, ...]
    crops: tuple[Crop, ...]
    """Its boxes and its signature."""


def others_of(return_id: int) -> tuple[LinkedReturn, ...]:
    """All other returns of the customer and template, the latest first."""
    return linked_returns(return_id)[::-1]


def beside(others: Sequence[LinkedReturn], asked: str | None) -> Beside | None:
    """The return that was asked for by its number, "" for none; else the latest that says something else.

    One that is settled and put nothing in force contradicts nobody.
    """
    if asked is not None:
        chosen = next((each for each in others if str(each.return_id) == asked), None)
    else:
        standing = (each for each in others if each.waits or each.confirmed)
        chosen = next((each for each in standing if each.sameness is Sameness.OTHER), None)
    if chosen is None:
        return None
    found = evidence_of([chosen.return_id])
    return Beside(chosen, found[0], seen_pages(found[0]), _crops(found[0])) if found else None


def _crops(evidence: Evidence) -> tuple[Crop, ...]:
    reading = evidence.reading
    crops = [crop_beside(evidence, option) for option in reading.variant.options] if reading.variant else []
    if reading.signature is not None:
        crops.append(crop_of(evidence, reading.signature.page, reading.signature.box_mm))
    return tuple(crop for crop in crops if crop is not None)
