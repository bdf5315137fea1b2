"""Draw laid-out pages with reportlab: the same objects that are stored as the form's geometry are what is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

from reportlab.lib.colors import HexColor
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from forms.issued_form import Checkbox, FontName, OwnPage, PageGeometry, Rule, SignatureField, TextField, TextLine
from forms.page_code import code_modules, code_runs
from forms.repertoire import REPERTOIRE
from forms.typeset import pdf_font
from forms.units import BoxMm, mm_to_pt

_CODES = 254
"""Characters that a font of one byte a character can hold: code 0 draws what is not known, code 32 the space."""


@dataclass(frozen=True, slots=True)
class EmbeddedFont:
    """A font as a drawn PDF carries it."""

    resource: str
    """Its name in the pages' resources, with the slash."""
    codes: Mapping[int, int]
    """By a character's number in Unicode, the byte that draws it; what is missing here cannot be drawn with it."""


@dataclass(frozen=True, slots=True)
class StaticPages:
    """What all customers' pages share: drawn, with fonts that can also draw most customers' own part."""

    pdf: bytes
    fonts: Mapping[FontName, EmbeddedFont]


def draw_static_pages(pages: Sequence[PageGeometry]) -> StaticPages:
    """Draw what all customers' pages share."""
    buffer = BytesIO()
    canvas = _canvas(buffer, pages[0])
    fonts = {font: _embed(canvas, font, pages) for font in REPERTOIRE}
    for page in pages:
        canvas.setPageSize((mm_to_pt(page.width_mm), mm_to_pt(page.height_mm)))
        for anchor in page.anchors_mm:
            _fill(canvas, anchor, page.height_mm)
        _draw_rules(canvas, page.rules, page.height_mm)
        _draw_frames(canvas, page)
        _draw_text(canvas, page.text_lines, page.height_mm)
        canvas.showPage()
    canvas.save()
    return StaticPages(buffer.getvalue(), fonts)


def draw_own_pages(pages: Sequence[PageGeometry], own_pages: Sequence[OwnPage]) -> bytes:
    """Draw one customer's part of the pages, as a PDF to be laid over the static one."""
    buffer = BytesIO()
    canvas = _canvas(buffer, pages[0])
    for page, own in zip(pages, own_pages, strict=True):
        canvas.setPageSize((mm_to_pt(page.width_mm), mm_to_pt(page.height_mm)))
        _draw_text(canvas, own.text_lines, page.height_mm)
        for box in page.codes_mm:
            _draw_code(canvas, own.code, box, page.height_mm)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _canvas(buffer: BytesIO, page: PageGeometry) -> Canvas:
    # invariant: the same input gives the same bytes, so that an issue can be repeated and compared.
    size = (mm_to_pt(page.width_mm), mm_to_pt(page.height_mm))
    return Canvas(buffer, size, pageCompression=1, invariant=1, initialFontName=pdf_font("regular"))


def _embed(canvas: Canvas, font: FontName, pages: Sequence[PageGeometry]) -> EmbeddedFont:
    """Give the characters of the pages their codes, then those of the repertoire for which there is still room."""
    printed = "".join(line.text for page in pages for line in page.text_lines if line.font == font)
    wanted = dict.fromkeys(character for character in printed + REPERTOIRE[font] if character not in " \xa0")
    characters = "".join(list(wanted)[:_CODES])
    reportlab_font, document = pdfmetrics.getFont(pdf_font(font)), canvas._doc
    ((_, assigned),) = reportlab_font.splitString(characters, document)
    codes = {ord(character): code for character, code in zip(characters, assigned, strict=True) if code}
    # reportlab draws a space that does not break as a plain one.
    return EmbeddedFont(reportlab_font.getSubsetInternalName(0, document), codes | {0x20: 0x20, 0xA0: 0x20})


def _draw_text(canvas: Canvas, lines: Iterable[TextLine], height_mm: float) -> None:
    text = canvas.beginText()
    for line in lines:
        text.setFont(pdf_font(line.font), line.size_pt)
        text.setFillColor(HexColor(line.colour))
        text.setTextOrigin(mm_to_pt(line.x_mm), mm_to_pt(height_mm - line.baseline_mm))
        text.textOut(line.text)
    canvas.drawText(text)


def _draw_rules(canvas: Canvas, rules: Iterable[Rule], height_mm: float) -> None:
    for rule in rules:
        canvas.setLineWidth(mm_to_pt(rule.width_mm))
        canvas.line(
            mm_to_pt(rule.x0_mm),
            mm_to_pt(height_mm - rule.y0_mm),
            mm_to_pt(rule.x1_mm),
            mm_to_pt(height_mm - rule.y1_mm),
        )


def _draw_frames(canvas: Canvas, page: PageGeometry) -> None:
    for checkbox in page.checkboxes:
        _outline(canvas, _centre_line(checkbox), checkbox.line_width_mm, page.height_mm)
    framed: list[TextField | SignatureField] = [*page.text_fields]
    if page.signature is not None:
        framed.append(page.signature)
    for field in framed:
        _outline(canvas, field.frame_mm, field.line_width_mm, page.height_mm)


def _centre_line(checkbox: Checkbox) -> BoxMm:
    return checkbox.box_mm.grown(-checkbox.line_width_mm / 2)


def _outline(canvas: Canvas, box: BoxMm, line_width_mm: float, height_mm: float) -> None:
    canvas.setLineWidth(mm_to_pt(line_width_mm))
    canvas.rect(mm_to_pt(box.x0), mm_to_pt(height_mm - box.y1), mm_to_pt(box.width), mm_to_pt(box.height))


def _fill(canvas: Canvas, box: BoxMm, height_mm: float) -> None:
    canvas.rect(
        mm_to_pt(box.x0), mm_to_pt(height_mm - box.y1), mm_to_pt(box.width), mm_to_pt(box.height), stroke=0, fill=1
    )


def _draw_code(canvas: Canvas, content: str, box: BoxMm, height_mm: float) -> None:
    modules = code_modules(content)
    size_pt = mm_to_pt(box.width) / modules.shape[1]
    left_pt, top_pt = mm_to_pt(box.x0), mm_to_pt(height_mm - box.y0)
    path = canvas.beginPath()
    for row, start, end in code_runs(modules):
        path.rect(left_pt + start * size_pt, top_pt - (row + 1) * size_pt, (end - start) * size_pt, size_pt)
    canvas.drawPath(path, stroke=0, fill=1)
