"""Lay a template out: put every word, line and box of the letter in its place, once for all customers of a run.

The letter follows DIN 5008 form B. The head and the block with fields and signature have fixed places; what lies
between flows, and goes on to further pages where one is not enough. The measures were tried on paper; see
docs/decisions/0002-layout.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from forms.errors import LayoutError
from forms.issued_form import (
    Checkbox,
    LetterGeometry,
    OfficeZone,
    OptionMeaning,
    PageGeometry,
    Rule,
    SignatureField,
    TextField,
    TextLine,
)
from forms.messages import Message
from forms.page_code import MAX_PAGES
from forms.template import Option, Template
from forms.typeset import Style, TooWide, set_line, set_line_ending_at, wrap
from forms.units import BoxMm, pt_to_mm

PAGE_WIDTH_MM, PAGE_HEIGHT_MM = 210.0, 297.0
LEFT_MM, RIGHT_MM = 25.0, 190.0
RIGHT_COLUMN_MM = 125.0
CODES_MM = (BoxMm(25, 13, 41, 29), BoxMm(174, 269.1, 190, 285.1))
CODE_CAPTIONS_MM = ((43.3, 25.4), (171.7, 281.5))
"""Where the word before the readable code stands: left end beside the first code, right end beside the second."""
CODE_CAPTION_PITCH_MM = 3.3
REFERENCE_VALUE_X_MM, REFERENCE_BASELINE_MM, REFERENCE_PITCH_MM = 150.0, 67.3, 4.7
SMALL = Style(7, 9)
CAPTION = Style(8, 10)
REFERENCE_VALUE = Style(9, 11)
CODE_VALUE = Style(9, 11, "bold")

_ANCHOR_MM = 4.0
_ANCHOR_CORNERS_MM = ((7.5, 7.5), (198.5, 7.5), (7.5, 285.5), (198.5, 285.5))
_BRAND = Style(24, 28, "bold")
_BRAND_LINE = Style(9.5, 12)
_SUBJECT = Style(13, 16, "bold")
_INSTRUCTION = Style(8.5, 11)
_RETURN_TO = Style(8.5, 11)
_OPTION_HEADING_PT = 10.5

_FIRST_BASELINE_MM = 111.0
_CONTINUED_BASELINE_MM = 46.0
_FLOW_END_MM = 264.0
_FLOW_END_ABOVE_FIELDS_MM = 234.6
_PARAGRAPH_GAP_MM, _OPTION_GAP_MM = 2.0, 1.0
_CHECKBOX_MM, _CHECKBOX_LINE_MM = 5.5, pt_to_mm(0.9)
_RULE_MM, _FRAME_LINE_MM = pt_to_mm(0.5), pt_to_mm(0.6)
_FIELD_INSET_MM = 0.5
_OPTION_INDENT_MM = 10.0
_FIELDS_X_MM = {"place": (25.0, 73.0), "date": (76.0, 108.0), "name": (111.0, 190.0)}
_FIELDS_Y_MM = (239.6, 248.6)
_SIGNATURE_MM = BoxMm(25, 254.9, 120, 285.1)
_RETURN_TO_BASELINE_MM = 253.8


@dataclass(frozen=True, slots=True)
class _Block:
    """A piece of the flowing text that stays together, set from its first baseline at y = 0."""

    lines: tuple[TextLine, ...]
    rules: tuple[Rule, ...]
    checkboxes: tuple[Checkbox, ...]
    height_mm: float
    """From the first baseline to the first baseline of what follows, the gap between them excluded."""
    gap_mm: float
    """Room wanted before the block."""


def lay_out(template: Template, template_sha256: str) -> LetterGeometry:
    """Lay a template out on as few pages as it needs.

    Raises LayoutError, naming the words, where something cannot be set in its place.
    """
    try:
        pages = _compose_pages(template)
    except TooWide as error:
        raise LayoutError(error.what, Message("shorten the word or part it with a space")) from error
    return LetterGeometry(
        template=template.id,
        version=template.version,
        template_sha256=template_sha256,
        wording_sha256=wording_sha256(template),
        language=template.language,
        title=template.title,
        retention_months=template.retention_months,
        options=tuple(OptionMeaning(o.value, o.heading, dict(o.decides)) for o in template.choice.options),
        pages=pages,
    )


def wording_sha256(template: Template) -> str:
    """Digest of what the customer agrees to: the letter's words, its options and what they decide."""
    words = template.model_dump(mode="json", include={"letter", "choice", "notes"})
    words["choice"].pop("instruction")
    return hashlib.sha256(json.dumps(words, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _compose_pages(template: Template) -> tuple[PageGeometry, ...]:
    flows = _share_out(_flowing_blocks(template))
    if len(flows) > MAX_PAGES:
        what = Message("the letter would take {count} pages", count=len(flows))
        raise LayoutError(what, Message("shorten it to {most} pages", most=MAX_PAGES))
    pages = []
    for index, blocks in enumerate(flows):
        page = _empty_page(template, index + 1)
        page = _with(page, lines=_first_head(template) if index == 0 else _continued_head(template))
        page = _with(page, lines=_code_captions(template, index + 1, len(flows)), rules=_margin_marks())
        if index == 0:
            page = _with(page, rules=(Rule(LEFT_MM, 62.9, 100, 62.9, _RULE_MM),))
        page = _flow(page, blocks, _FIRST_BASELINE_MM if index == 0 else _CONTINUED_BASELINE_MM)
        pages.append(page)
    pages[-1] = _with_fields(pages[-1], template)
    for page in pages:
        _check_office_zones(page)
    return tuple(pages)


def _check_office_zones(page: PageGeometry) -> None:
    """Refuse a zone in which a customer's own ink would be taken for the office's."""
    rooms = [box.box_mm.grown(_CHECKBOX_MM) for box in page.checkboxes] + [field.frame_mm for field in page.text_fields]
    if page.signature is not None:
        rooms.append(page.signature.frame_mm)
    for zone in page.office_zones:
        if any(zone.box_mm.intersects(room) for room in rooms):
            raise LayoutError(
                Message(
                    "{zone}: the zone reaches where the customer writes on page {page}",
                    zone=f"office.{zone.kind}_mm",
                    page=page.number,
                ),
                Message("keep the zone in the head of the page"),
            )


def _empty_page(template: Template, number: int) -> PageGeometry:
    anchors = tuple(BoxMm(x, y, x + _ANCHOR_MM, y + _ANCHOR_MM) for x, y in _ANCHOR_CORNERS_MM)
    zones = []
    if template.office.receipt_stamp_mm is not None and number == 1:
        zones.append(OfficeZone("receipt_stamp", template.office.receipt_stamp_mm))
    if template.office.transmission_header_mm is not None:
        zones.append(OfficeZone("transmission_header", template.office.transmission_header_mm))
    return PageGeometry(number, PAGE_WIDTH_MM, PAGE_HEIGHT_MM, anchors, CODES_MM, (), (), (), (), None, tuple(zones))


def _with(page: PageGeometry, lines: Sequence[TextLine] = (), rules: Sequence[Rule] = ()) -> PageGeometry:
    return replace(page, text_lines=page.text_lines + tuple(lines), rules=page.rules + tuple(rules))


def _first_head(template: Template) -> list[TextLine]:
    sender, words = template.sender, template.words
    coloured = replace(_BRAND, colour=sender.colour)
    column_mm = RIGHT_MM - RIGHT_COLUMN_MM
    lines = [_fitting(sender.brand, RIGHT_COLUMN_MM, 21.5, coloured, column_mm)]
    if sender.brand_line:
        brand_line = replace(_BRAND_LINE, colour=sender.colour)
        lines.append(_fitting(sender.brand_line, RIGHT_COLUMN_MM, 27.2, brand_line, column_mm))
    for index, text in enumerate(sender.particulars):
        lines.append(_fitting(text, RIGHT_COLUMN_MM, 33.0 + index * SMALL.leading_mm, SMALL, column_mm))
    sender_line = f"{sender.name} · {sender.street} · {sender.postal_code} {sender.city}"
    lines.append(_fitting(sender_line, LEFT_MM, 61.3, SMALL, 80.0))
    subject = replace(_SUBJECT, colour=sender.colour)
    lines.append(_fitting(template.letter.subject, LEFT_MM, 102.1, subject, RIGHT_MM - LEFT_MM))
    return lines + _reference_labels(words.customer_number, words.form, words.questions, words.date)


def _reference_labels(*labels: str) -> list[TextLine]:
    width_mm = REFERENCE_VALUE_X_MM - RIGHT_COLUMN_MM - 1
    baselines_mm = (REFERENCE_BASELINE_MM + index * REFERENCE_PITCH_MM for index in range(len(labels)))
    return [
        _fitting(label, RIGHT_COLUMN_MM, y, CAPTION, width_mm) for label, y in zip(labels, baselines_mm, strict=True)
    ]


def _continued_head(template: Template) -> list[TextLine]:
    subject = replace(_SUBJECT, size_pt=11, colour=template.sender.colour)
    return [
        set_line(
            template.sender.brand, RIGHT_COLUMN_MM, 17.5, replace(_BRAND, size_pt=15, colour=template.sender.colour)
        ),
        set_line(template.letter.subject, LEFT_MM, 37.5, subject),
    ]


def _code_captions(template: Template, number: int, count: int) -> list[TextLine]:
    (left_mm, top_mm), (right_mm, bottom_mm) = CODE_CAPTIONS_MM
    lines = [
        set_line(template.words.form_code, left_mm, top_mm, SMALL),
        set_line_ending_at(template.words.form_code, right_mm, bottom_mm, SMALL),
    ]
    if count > 1:
        label = template.words.page.replace("{page}", str(number)).replace("{pages}", str(count))
        lines.append(set_line(label, left_mm, top_mm - CODE_CAPTION_PITCH_MM, SMALL))
        lines.append(set_line_ending_at(label, right_mm, bottom_mm - CODE_CAPTION_PITCH_MM, SMALL))
    return lines


def _margin_marks() -> list[Rule]:
    return [Rule(4, y, x1, y, _RULE_MM) for y, x1 in ((105.0, 9.0), (148.5, 11.0), (210.0, 9.0))]


def _flowing_blocks(template: Template) -> list[_Block]:
    body = Style(template.body_size_pt, template.body_size_pt * 12.6 / 9.5)
    blocks = [_paragraph(template.letter.salutation, body), *(_paragraph(p, body) for p in template.letter.paragraphs)]
    blocks += [_option(option, body) for option in template.choice.options]
    instruction = _paragraph(template.choice.instruction, _INSTRUCTION)
    # The instruction hangs beneath the last option's closing rule.
    rule = Rule(LEFT_MM, -4.4, RIGHT_MM, -4.4, _RULE_MM)
    blocks.append(replace(instruction, gap_mm=2.4, rules=(rule,)))
    blocks += [_paragraph(note.text, body, note.lead) for note in template.notes]
    return blocks


def _paragraph(text: str, style: Style, lead: str = "") -> _Block:
    lines = wrap(text, RIGHT_MM - LEFT_MM, style, lead)
    runs = tuple(replace(run, x_mm=run.x_mm + LEFT_MM) for line in lines for run in line)
    return _Block(runs, (), (), len(lines) * style.leading_mm, _PARAGRAPH_GAP_MM)


def _option(option: Option, body: Style) -> _Block:
    """Set an option: a rule above, the box, the heading at its height, the paragraphs beneath."""
    heading_style = Style(_OPTION_HEADING_PT, _OPTION_HEADING_PT * 1.2, "bold")
    x_mm = LEFT_MM + _OPTION_INDENT_MM
    lines = [set_line(option.heading, x_mm, 0.0, heading_style)]
    if lines[0].width_mm > RIGHT_MM - x_mm:
        raise TooWide(option.heading, RIGHT_MM - x_mm)
    y_mm = 5.8
    for paragraph in option.paragraphs:
        wrapped = wrap(paragraph, RIGHT_MM - x_mm, body)
        lines += [replace(r, x_mm=r.x_mm + x_mm, baseline_mm=r.baseline_mm + y_mm) for line in wrapped for r in line]
        y_mm += len(wrapped) * body.leading_mm + _OPTION_GAP_MM
    box = BoxMm(LEFT_MM, -4.15, LEFT_MM + _CHECKBOX_MM, -4.15 + _CHECKBOX_MM)
    rule = Rule(LEFT_MM, -5.75, RIGHT_MM, -5.75, _RULE_MM)
    return _Block(tuple(lines), (rule,), (Checkbox(option.value, box, _CHECKBOX_LINE_MM),), y_mm - _OPTION_GAP_MM, 4.4)


def _share_out(blocks: Sequence[_Block]) -> list[list[_Block]]:
    """Share the blocks out over pages; the last page keeps the room that the fields need."""
    pages: list[list[_Block]] = [[]]
    for block in blocks:
        if pages[-1] and _end_mm([*pages[-1], block], first=len(pages) == 1) > _FLOW_END_MM:
            pages.append([])
        pages[-1].append(block)
    carried: list[_Block] = []
    while _end_mm(pages[-1], first=len(pages) == 1 and not carried) > _FLOW_END_ABOVE_FIELDS_MM:
        if len(pages[-1]) == 1:
            what = Message("a single paragraph or option fills a whole page")
            raise LayoutError(what, Message("part it into shorter paragraphs"))
        carried.insert(0, pages[-1].pop())
    if carried:
        pages.append(carried)
    return pages


def _end_mm(blocks: Sequence[_Block], *, first: bool) -> float:
    start_mm = _FIRST_BASELINE_MM if first else _CONTINUED_BASELINE_MM
    heights = sum(block.height_mm + block.gap_mm for block in blocks)
    # Heights count from baseline to baseline: above the fields only the descenders of the last line need room.
    return start_mm + heights - (blocks[0].gap_mm if blocks else 0.0) - 3.0


def _flow(page: PageGeometry, blocks: Sequence[_Block], y_mm: float) -> PageGeometry:
    lines, rules, checkboxes = [], [], []
    for index, block in enumerate(blocks):
        y_mm += block.gap_mm if index else 0.0
        lines += [replace(line, baseline_mm=round(line.baseline_mm + y_mm, 4)) for line in block.lines]
        rules += [
            replace(rule, y0_mm=round(rule.y0_mm + y_mm, 4), y1_mm=round(rule.y1_mm + y_mm, 4)) for rule in block.rules
        ]
        checkboxes += [replace(box, box_mm=_moved_down(box.box_mm, y_mm)) for box in block.checkboxes]
        y_mm += block.height_mm
    page = _with(page, lines, rules)
    return replace(page, checkboxes=tuple(checkboxes))


def _with_fields(page: PageGeometry, template: Template) -> PageGeometry:
    y0_mm, y1_mm = _FIELDS_Y_MM
    fields, captions = [], []
    for name, written in (
        ("place", template.fields.place),
        ("date", template.fields.date),
        ("name", template.fields.name),
    ):
        x0_mm, x1_mm = _FIELDS_X_MM[name]
        frame = BoxMm(x0_mm, y0_mm, x1_mm, y1_mm)
        room = frame.grown(-_FIELD_INSET_MM)
        fields.append(TextField(name, written.label, frame, room, written.required, _FRAME_LINE_MM))  # type: ignore[arg-type]
        captions.append(_fitting(written.label, x0_mm, y0_mm - 1.1, CAPTION, frame.width))
    captions.append(
        _fitting(template.signature.label, _SIGNATURE_MM.x0, _SIGNATURE_MM.y0 - 1.1, CAPTION, _SIGNATURE_MM.width)
    )
    signature = SignatureField(
        template.signature.label,
        _SIGNATURE_MM,
        _SIGNATURE_MM.grown(-_FIELD_INSET_MM),
        template.signature.required,
        _FRAME_LINE_MM,
    )
    page = _with(page, lines=[*captions, *_return_address(template)])
    return replace(page, text_fields=tuple(fields), signature=signature)


def _return_address(template: Template) -> list[TextLine]:
    width_mm = RIGHT_MM - RIGHT_COLUMN_MM
    lines, y_mm = [], _RETURN_TO_BASELINE_MM
    bold = replace(_RETURN_TO, font="bold")
    for index, text in enumerate((template.return_to.request, *template.return_to.lines)):
        style = bold if index == 1 else _RETURN_TO
        for line in wrap(text, width_mm, style):
            lines += [replace(run, x_mm=run.x_mm + RIGHT_COLUMN_MM, baseline_mm=round(y_mm, 4)) for run in line]
            y_mm += style.leading_mm
        if index == 0:
            y_mm += 0.6
    if y_mm - _RETURN_TO.leading_mm > CODES_MM[1].y0 - 1.0:
        what = Message("return_to: the return address takes too many lines")
        raise LayoutError(what, Message("shorten the request or its lines"))
    return lines


def _fitting(text: str, x_mm: float, baseline_mm: float, style: Style, width_mm: float) -> TextLine:
    line = set_line(text, x_mm, baseline_mm, style)
    if line.width_mm > width_mm:
        raise TooWide(text, width_mm)
    return line


def _moved_down(box: BoxMm, by_mm: float) -> BoxMm:
    return BoxMm(box.x0, round(box.y0 + by_mm, 4), box.x1, round(box.y1 + by_mm, 4))
