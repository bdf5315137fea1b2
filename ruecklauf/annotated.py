"""Pictures that show a person what the machine saw on a page: every place it read, with what it read there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFont

from forms.typeset import FONT_FILES
from forms.units import BoxMm, mm_to_px
from intake.explanations import in_one_sentence
from intake.file_names import printable_name
from intake.results import (
    Addition,
    Decision,
    FieldReading,
    FieldState,
    MarkState,
    Reason,
    ReturnReading,
    SignatureReading,
    SignatureState,
    Verdict,
)

if TYPE_CHECKING:
    from registry.evidence import Evidence

STORED_DPI = 100.0
"""Resolution of the pictures that reading makes."""
_DPI = 150.0
_GREEN, _AMBER, _RED, _GREY, _BLUE = "#1a7f37", "#b35c00", "#c62828", "#5b6670", "#0b5cad"
_MARK_COLOURS = {
    MarkState.EMPTY: _GREY,
    MarkState.MARKED: _GREEN,
    MarkState.CORRECTED: _AMBER,
    MarkState.UNCLEAR: _AMBER,
}
_SIGNATURE_COLOURS = {
    SignatureState.PRESENT: _GREEN,
    SignatureState.ABSENT: _RED,
    SignatureState.UNCLEAR: _AMBER,
}
_FIELD_COLOURS = {FieldState.EMPTY: _GREY, FieldState.READ: _BLUE, FieldState.UNCLEAR: _AMBER}
_DECISION_COLOURS = {
    Decision.ACCEPT: _GREEN,
    Decision.INCOMPLETE: _RED,
    Decision.REVIEW: _AMBER,
    Decision.REJECT: _RED,
}
_DECISION_WORDS = {
    Decision.ACCEPT: "complete and certain; a person still confirms it",
    Decision.INCOMPLETE: "something needed is certainly missing",
    Decision.REVIEW: "a person must look",
    Decision.REJECT: "none of ours, or unreadable",
}

_TAG_MM = 3.6
"""Height of a tag."""
_STRIP_TOP_MM, _STRIP_LINE_MM, _STRIP_LEFT_MM = 20.0, 5.6, 12.0
_SMALL_MM = 3.5
_STRIP_COLOUR = "#f3f5f7"
_TINTS = (1.0, 0.75, 0.5, 0.25)
_Anchor = Literal["left", "above"]


@dataclass(frozen=True, slots=True)
class _Note:
    """A place on the page, outlined, with a tag that says what was read there."""

    box_mm: BoxMm
    words: str
    colour: str
    tag: _Anchor


def write_pictures(evidence: Sequence[Evidence], folder: Path) -> tuple[Path, ...]:
    """Write one PNG for each located page of the returns, named customer-return; the folder is made.

    A return's second and further pages have their number in the name. Raises `OSError` where a file cannot be read or
    written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for item in evidence:
        for position, (page, stored) in enumerate(sorted(item.pictures.items()), 1):
            further = f"-{position}" if position > 1 else ""
            path = folder / f"{item.reading.customer}-{item.return_id}{further}.png"
            path.write_bytes(annotate_page(stored.read_bytes(), page, item.company, item.reading, item.verdict))
            written.append(path)
    return tuple(written)


def annotate_page(picture_png: bytes, page: int, company: str, reading: ReturnReading, verdict: Verdict) -> bytes:
    """Draw what was read on one page of a return over its picture, and the decision in a strip below; returns a PNG.

    `picture_png` is the page as located, upright, at 100 dpi; `page` counts from 1 in the file.
    """
    sheet = _cleaned(picture_png)
    drawing = ImageDraw.Draw(sheet)
    for note in _notes(reading, page):
        _draw_note(drawing, note, sheet.width)
    strip = _strip(sheet.width, company, reading, verdict)
    whole = Image.new("RGB", (sheet.width, sheet.height + strip.height), "white")
    whole.paste(sheet, (0, 0))
    whole.paste(strip, (0, sheet.height))
    buffer = BytesIO()
    whole.quantize(palette=_palette(), dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _cleaned(picture_png: bytes) -> Image.Image:
    """Open the stored picture, enlarged, with its paper made white so that colours stand out on it."""
    with Image.open(BytesIO(picture_png)) as stored:
        grey = np.asarray(stored.convert("L"), dtype=np.float32)
    paper = float(np.percentile(grey, 60))
    whitened = np.clip(grey / (0.94 * paper), 0, 1) * 255
    factor = _DPI / STORED_DPI
    size = (round(grey.shape[1] * factor), round(grey.shape[0] * factor))
    picture = Image.fromarray(whitened.astype(np.uint8))
    return picture.resize(size, Image.Resampling.LANCZOS).convert("RGB")


def _notes(reading: ReturnReading, page: int) -> list[_Note]:
    notes = [_addition_note(item) for item in reading.additions if item.page == page]
    if reading.variant is not None:
        notes += [
            _Note(box.box_mm.grown(1.0), f"{box.option}: {box.state}", _MARK_COLOURS[box.state], "left")
            for box in reading.variant.options
            if box.page == page
        ]
    notes += [_field_note(field) for field in reading.fields if field.page == page]
    if reading.signature is not None and reading.signature.page == page:
        notes.append(_signature_note(reading.signature))
    return notes


def _addition_note(addition: Addition) -> _Note:
    words, colour = ("office", _GREY) if addition.expected else ("added", _RED)
    return _Note(addition.box_mm.grown(1.0), f"{words}: {addition.kind}", colour, "above")


def _field_note(field: FieldReading) -> _Note:
    said = f"{field.state}: {field.text}" if field.text else str(field.state)
    return _Note(field.box_mm.grown(0.5), said, _FIELD_COLOURS[field.state], "above")


def _signature_note(signature: SignatureReading) -> _Note:
    return _Note(
        signature.box_mm.grown(0.5), f"signature {signature.state}", _SIGNATURE_COLOURS[signature.state], "above"
    )


def _draw_note(drawing: ImageDraw.ImageDraw, note: _Note, page_width_px: int) -> None:
    box = tuple(mm_to_px(value, _DPI) for value in note.box_mm)
    drawing.rounded_rectangle(box, radius=_px(0.8), outline=note.colour, width=round(_px(0.55)))
    words = printable_name(note.words)
    font = _fitting(words, 0.72 * _TAG_MM, page_width_px / 2)
    width, height = font.getlength(words) + _px(2.0), _px(_TAG_MM)
    if note.tag == "left":
        x, y = box[0] - width - _px(0.8), (box[1] + box[3] - height) / 2
    else:
        x, y = box[2] - width, box[1] - height - _px(0.3)
    x, y = min(max(x, 0), page_width_px - width), max(y, 0)
    drawing.rounded_rectangle((x, y, x + width, y + height), radius=_px(0.8), fill=note.colour)
    drawing.text((x + _px(1.0), y + height / 2), words, fill="white", font=font, anchor="lm")


def _strip(width_px: int, company: str, reading: ReturnReading, verdict: Verdict) -> Image.Image:
    """Draw the decision, whom it concerns, and every reason in plain words."""
    left_px, room_px = _px(_STRIP_LEFT_MM), width_px - _px(2 * _STRIP_LEFT_MM)
    lines = _reason_lines(verdict.reasons, room_px)
    strip = Image.new("RGB", (width_px, round(_px(_STRIP_TOP_MM + _STRIP_LINE_MM * len(lines)))), _STRIP_COLOUR)
    drawing = ImageDraw.Draw(strip)
    _draw_decision(drawing, verdict.decision, width_px)
    whom = printable_name(f"{reading.customer}  {company}  ·  {_summary(reading)}")
    drawing.text((left_px, _px(14)), whom, fill="black", font=_fitting(whom, 4.0, room_px), anchor="lm")
    for number, line in enumerate(lines):
        y = _px(_STRIP_TOP_MM + _STRIP_LINE_MM * (number + 0.3))
        drawing.text((left_px, y), line, fill="black", font=_font("regular", _px(_SMALL_MM)), anchor="lm")
    return strip


def _draw_decision(drawing: ImageDraw.ImageDraw, decision: Decision, width_px: int) -> None:
    colour, large = _DECISION_COLOURS[decision], _font("bold", _px(6))
    drawing.rectangle((0, 0, width_px, _px(1.2)), fill=colour)
    drawing.text((_px(_STRIP_LEFT_MM), _px(8)), decision, fill=colour, font=large, anchor="ls")
    after_px = _px(_STRIP_LEFT_MM + 3) + large.getlength(decision)
    small = _font("regular", _px(_SMALL_MM))
    drawing.text((after_px, _px(8)), _DECISION_WORDS[decision], fill=_GREY, font=small, anchor="ls")


def _summary(reading: ReturnReading) -> str:
    if reading.variant is None:
        said = ["variant not read"]
    else:
        said = [f"variant {reading.variant.value or reading.variant.state}"]
    said.append(f"signature {reading.signature.state if reading.signature else 'not read'}")
    return ", ".join(said)


def _reason_lines(reasons: Sequence[Reason], room_px: float) -> list[str]:
    return [line for reason in reasons for line in _wrapped(f"•  {in_one_sentence(reason)} ({reason})", room_px)]


def _wrapped(text: str, room_px: float) -> list[str]:
    font, lines = _font("regular", _px(_SMALL_MM)), [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and font.getlength(longer) > room_px:
            lines.append(f"    {word}")
        else:
            lines[-1] = longer
    return lines


def _fitting(text: str, height_mm: float, room_px: float) -> ImageFont.FreeTypeFont:
    """Return the bold font as large as wanted, or smaller where the text needs it to fit."""
    needed_px = _font("bold", _px(height_mm)).getlength(text)
    return _font("bold", _px(height_mm) * min(1.0, room_px / max(needed_px, 1.0)))


@cache
def _palette() -> Image.Image:
    """Return greys and our own colours in four strengths: a page needs no more, and small files open sooner."""
    greys = [(value, value, value) for value in np.linspace(0, 255, 24, dtype=int).tolist()]
    own = [ImageColor.getrgb(colour) for colour in (_GREEN, _AMBER, _RED, _GREY, _BLUE)]
    tints = [tuple(round(255 - (255 - value) * strength) for value in colour) for colour in own for strength in _TINTS]
    palette = Image.new("P", (1, 1))
    palette.putpalette([value for colour in [*greys, ImageColor.getrgb(_STRIP_COLOUR), *tints] for value in colour])
    return palette


def _px(length_mm: float) -> float:
    return mm_to_px(length_mm, _DPI)


@cache
def _font(name: Literal["regular", "bold"], size_px: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT_FILES[name], size_px)
