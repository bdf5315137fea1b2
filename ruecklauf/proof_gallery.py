"""Pictures of what went wrong in a proof, and of plain returns that went to a person all the same."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image

from intake.explanations import in_one_sentence
from intake.opening import open_document
from ruecklauf.annotated import annotate_page
from ruecklauf.proof_result import PICTURES_KEPT
from ruecklauf.proving import Case, Proven
from ruecklauf.truth_check import Outcome
from simulation.people import MarkTruth, Truth
from simulation.repertoire import REPERTOIRE

_WIDTH_PX = 820
_WEBP_QUALITY = 62


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One return to be looked at."""

    case: Case
    story: str
    """What happened, in one sentence."""
    truth: str
    """What is true, in a few words."""
    decision: str
    fault: str
    """In which way it is wrong; empty where it is only work."""
    reasons: tuple[str, ...]
    """In whole sentences."""
    picture_webp: bytes


class Gallery:
    """Keeps the first exhibits of either kind."""

    def __init__(self) -> None:
        self.wrong: list[Exhibit] = []
        self.work: list[Exhibit] = []
        """Plain returns that needed a person."""

    def look_at(self, proven: Proven) -> None:
        """Keep the return if it belongs here and there is room."""
        if proven.judged.outcome is Outcome.WRONG:
            room = self.wrong
        elif proven.case.is_plain and not proven.accepted:
            room = self.work
        else:
            return
        if len(room) < PICTURES_KEPT:
            room.append(_exhibit(proven))


def _exhibit(proven: Proven) -> Exhibit:
    return Exhibit(
        case=proven.case,
        story=REPERTOIRE[proven.case.conduct].story,
        truth=_in_words(proven),
        decision=proven.judged.decision.value,
        fault=proven.judged.fault.value if proven.judged.fault else "",
        reasons=tuple(f"{in_one_sentence(reason)} ({reason})" for reason in proven.judged.reasons),
        picture_webp=picture_of(proven),
    )


def _in_words(proven: Proven) -> str:
    truth, traits = proven.sent.truth, proven.sent.traits
    mark = " ".join(word for word in (traits.size, traits.mark) if word)
    said = [_marks_in_words(truth) + (f" ({mark}, {traits.pen} pen)" if mark else "")]
    said.append(f"signed ({traits.signature})" if truth.signed else "not signed")
    empty = [name for name in ("place", "date", "name") if name not in truth.texts]
    return "; ".join(said + ([f"nothing in {', '.join(empty)}"] if empty else []))


def _marks_in_words(truth: Truth) -> str:
    made = [f"{option} {mark.value}" for option, mark in truth.marks.items() if mark is not MarkTruth.EMPTY]
    return ", ".join(made) or "nothing marked"


def picture_of(proven: Proven) -> bytes:
    """Show the pages with what was read on them; the file's first page as it came where none was recognised."""
    company = proven.issued.form.customer.company
    pages = [
        annotate_page(page.picture_png, page.page, company, reading, verdict)
        for reading, verdict in zip(proven.document.returns, proven.verdicts, strict=True)
        for page in reading.pages
        if page.picture_png
    ]
    pictures = [Image.open(BytesIO(page)).convert("RGB") for page in pages] or [_as_it_came(proven.sent.file)]
    buffer = BytesIO()
    _side_by_side(pictures).save(buffer, "WEBP", quality=_WEBP_QUALITY)
    return buffer.getvalue()


def _as_it_came(file: bytes) -> Image.Image:
    with open_document(file) as pages:
        return Image.fromarray(np.asarray(pages.picture(0).grey)).convert("RGB")


def _side_by_side(pictures: list[Image.Image]) -> Image.Image:
    scaled = [
        picture.resize((_WIDTH_PX, round(picture.height * _WIDTH_PX / picture.width)), Image.Resampling.LANCZOS)
        for picture in pictures
    ]
    whole = Image.new("RGB", (_WIDTH_PX * len(scaled), max(picture.height for picture in scaled)), "white")
    for index, picture in enumerate(scaled):
        whole.paste(picture, (_WIDTH_PX * index, 0))
    return whole
