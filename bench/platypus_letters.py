"""The letter as one would naturally make it with reportlab's Platypus: laid out in full for every customer.

What issuing is measured against. It has the content of our letter, its font, its page codes, boxes and places for
writing; fixed things stand in frames and on the page template, the text flows in paragraphs and tables. Whatever can
be prepared once (fonts, styles, escaped words) is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor, black
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import registerFontFamily
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    FrameBreak,
    KeepTogether,
    NextPageTemplate,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

from forms.issued_form import Customer
from forms.own_page import address_lines, date_in_words
from forms.page_code import PageCode, code_content, code_modules, code_runs, reference
from forms.template import Option, Template
from forms.typeset import pdf_font

_WIDTH, _HEIGHT = A4
_REGULAR, _BOLD = pdf_font("regular"), pdf_font("bold")
registerFontFamily(_REGULAR, normal=_REGULAR, bold=_BOLD, italic=_REGULAR, boldItalic=_BOLD)
_ANCHORS_MM = ((7.5, 7.5), (198.5, 7.5), (7.5, 285.5), (198.5, 285.5))
_CODES_MM = ((25, 13), (174, 269.1))
_CODE_MM = 16
_NO_PADDING = [(f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")]


class PlatypusLetters:
    """Makes letters of one template; every one is laid out anew."""

    def __init__(self, template: Template, *, with_fields: bool) -> None:
        self._template = template
        self._with_fields = with_fields
        size, colour = template.body_size_pt, HexColor(template.sender.colour)
        self._body = _style("body", size, size * 12.6 / 9.5, spaceAfter=2 * mm)
        self._subject = _style("subject", 13, 16, fontName=_BOLD, textColor=colour, spaceAfter=4 * mm)
        self._heading = _style("heading", 10.5, 12.6, fontName=_BOLD, spaceAfter=2 * mm)
        self._option = _style("option", size, size * 12.6 / 9.5, spaceAfter=1 * mm)
        self._caption = _style("caption", 8, 10)
        self._small = _style("small", 8.5, 11)
        self._address = _style("address", 10, 12.2)
        self._value = _style("value", 9, 11)

    def make(self, customer: Customer, form_id: str, issued_on: date) -> bytes:
        """Lay one letter out and return its PDF."""
        buffer, template = BytesIO(), self._template
        head = _Head(template, form_id)
        document = BaseDocTemplate(
            buffer, pagesize=A4, title=template.title, author=template.sender.name, invariant=1, pageCompression=1,
            initialFontName=_REGULAR, lang=template.language,
        )  # fmt: skip
        document.addPageTemplates(
            [
                PageTemplate("first", [_frame(25, 62.9, 80, 27.1), _frame(125, 63.5, 65, 24), _frame(25, 97, 165, 190)],
                             onPage=head.draw_first),
                PageTemplate("later", [_frame(25, 40, 165, 247)], onPage=head.draw_later),
            ]
        )  # fmt: skip
        document.build(self._story(customer, issued_on))
        return buffer.getvalue()

    def _story(self, customer: Customer, issued_on: date) -> list[Flowable]:
        letter = self._template.letter
        story: list[Flowable] = [Paragraph(escape(line), self._address) for line in address_lines(customer)]
        story += [FrameBreak(), self._references(customer, issued_on), NextPageTemplate("later"), FrameBreak()]
        story.append(Paragraph(escape(letter.subject), self._subject))
        story += [Paragraph(escape(text), self._body) for text in (letter.salutation, *letter.paragraphs)]
        story += [self._option_table(option) for option in self._template.choice.options]
        story += [Paragraph(escape(self._template.choice.instruction), self._small), Spacer(1, 2 * mm)]
        for note in self._template.notes:
            story.append(Paragraph(f"<b>{escape(note.lead)}</b> {escape(note.text)}", self._body))
        story.append(KeepTogether([self._fields(), Spacer(1, 3 * mm), self._signature()]))
        return story

    def _references(self, customer: Customer, issued_on: date) -> Table:
        words, template = self._template.words, self._template
        rows = [
            (words.customer_number, customer.number), (words.form, words.form_value),
            (words.questions, template.sender.email), (words.date, date_in_words(issued_on, template.language)),
        ]  # fmt: skip
        cells = [[Paragraph(escape(k), self._caption), Paragraph(escape(v), self._value)] for k, v in rows]
        return Table(cells, [25 * mm, 40 * mm], 4.7 * mm, style=_NO_PADDING)

    def _option_table(self, option: Option) -> Table:
        words: list[Flowable] = [Paragraph(escape(option.heading), self._heading)]
        words += [Paragraph(escape(text), self._option) for text in option.paragraphs]
        tooltip = self._template.words.option_tooltip.replace("{heading}", option.heading)
        box = _Checkbox(option.value, tooltip, with_field=self._with_fields)
        lines = [("LINEABOVE", (0, 0), (-1, 0), 0.5, black), ("VALIGN", (0, 0), (-1, -1), "TOP")]
        return Table(
            [[box, words]], [10 * mm, 155 * mm], style=[*_NO_PADDING, *lines, ("TOPPADDING", (0, 0), (-1, -1), 4)]
        )

    def _fields(self) -> Table:
        fields, widths = self._template.fields, (48, 32, 79)
        written = [("place", fields.place), ("date", fields.date), ("name", fields.name)]
        captions = [Paragraph(escape(field.label), self._caption) for _, field in written]
        rooms = [
            _Room(width, 9, name, field.tooltip, with_field=self._with_fields)
            for width, (name, field) in zip(widths, written, strict=True)
        ]
        return Table([captions, rooms], [51 * mm, 35 * mm, 79 * mm], style=_NO_PADDING)

    def _signature(self) -> Table:
        template = self._template
        caption = Paragraph(escape(template.signature.label), self._caption)
        first, *rest = map(escape, template.return_to.lines)
        words = [f"{escape(template.return_to.request)}", f"<b>{first}</b>", *rest]
        room = _Room(95, 30.2, "signature", "", with_field=False)
        return Table([[[caption, room], [Paragraph(line, self._small) for line in words]]], [100 * mm, 65 * mm],
                     style=[*_NO_PADDING, ("VALIGN", (0, 0), (-1, -1), "TOP")])  # fmt: skip


class _Head:
    """What stands on the page itself: head, anchors, marks and page codes."""

    def __init__(self, template: Template, form_id: str) -> None:
        self._template = template
        self._form_id = form_id

    def draw_first(self, canvas: Canvas, document: BaseDocTemplate) -> None:
        sender = self._template.sender
        self._draw_page(canvas, document.page)
        canvas.setFillColor(HexColor(sender.colour))
        _write(canvas, _BOLD, 24, 125, 21.5, sender.brand)
        _write(canvas, _REGULAR, 9.5, 125, 27.2, sender.brand_line)
        canvas.setFillColor(black)
        for index, line in enumerate(sender.particulars):
            _write(canvas, _REGULAR, 7, 125, 33 + 3.2 * index, line)
        _write(canvas, _REGULAR, 7, 25, 61.3, f"{sender.name} · {sender.street} · {sender.postal_code} {sender.city}")
        canvas.line(25 * mm, _HEIGHT - 62.9 * mm, 100 * mm, _HEIGHT - 62.9 * mm)

    def draw_later(self, canvas: Canvas, document: BaseDocTemplate) -> None:
        self._draw_page(canvas, document.page)
        canvas.setFillColor(HexColor(self._template.sender.colour))
        _write(canvas, _BOLD, 15, 125, 17.5, self._template.sender.brand)
        _write(canvas, _BOLD, 11, 25, 37.5, self._template.letter.subject)
        canvas.setFillColor(black)

    def _draw_page(self, canvas: Canvas, page: int) -> None:
        for x_mm, y_mm in _ANCHORS_MM:
            canvas.rect(x_mm * mm, _HEIGHT - (y_mm + 4) * mm, 4 * mm, 4 * mm, stroke=0, fill=1)
        canvas.setLineWidth(0.5)
        for y_mm, end_mm in ((105, 9), (148.5, 11), (210, 9)):
            canvas.line(4 * mm, _HEIGHT - y_mm * mm, end_mm * mm, _HEIGHT - y_mm * mm)
        modules = code_modules(code_content(PageCode(self._form_id, page)))
        _draw_codes(canvas, code_runs(modules), len(modules))
        caption, code = self._template.words.form_code, reference(self._form_id)
        _write(canvas, _REGULAR, 7, 43.3, 25.4, caption)
        _write(canvas, _BOLD, 9, 43.3, 28.7, code)
        for font, size, y_mm, text in ((_REGULAR, 7, 281.5, caption), (_BOLD, 9, 284.8, code)):
            canvas.setFont(font, size)
            canvas.drawRightString(171.7 * mm, _HEIGHT - y_mm * mm, text)


class _Checkbox(Flowable):  # type: ignore[misc]
    def __init__(self, value: str, tooltip: str, *, with_field: bool) -> None:
        super().__init__()
        self.width = self.height = 5.5 * mm
        self._value, self._tooltip, self._with_field = value, tooltip, with_field

    def draw(self) -> None:
        self.canv.setLineWidth(0.9)
        self.canv.rect(0, 0, self.width, self.height)
        if self._with_field:
            self.canv.acroForm.radio(
                name="variant", value=self._value, tooltip=self._tooltip, size=self.width, buttonStyle="cross",
                shape="square", borderWidth=0, relative=True,
            )  # fmt: skip


class _Room(Flowable):  # type: ignore[misc]
    """A framed place for writing."""

    def __init__(self, width_mm: float, height_mm: float, name: str, tooltip: str, *, with_field: bool) -> None:
        super().__init__()
        self.width, self.height = width_mm * mm, height_mm * mm
        self._name, self._tooltip, self._with_field = name, tooltip, with_field

    def draw(self) -> None:
        self.canv.setLineWidth(0.6)
        self.canv.rect(0, 0, self.width, self.height)
        if self._with_field:
            self.canv.acroForm.textfield(
                name=self._name, tooltip=self._tooltip, x=0, y=0, width=self.width, height=self.height,
                fontName="Helvetica", fontSize=11, borderWidth=0, relative=True,
            )  # fmt: skip


def _style(name: str, size: float, leading: float, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(name, fontSize=size, leading=leading, **{"fontName": _REGULAR, **more})


def _frame(x_mm: float, top_mm: float, width_mm: float, height_mm: float) -> Frame:
    return Frame(
        x_mm * mm, _HEIGHT - (top_mm + height_mm) * mm, width_mm * mm, height_mm * mm,
        leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0,
    )  # fmt: skip


def _write(canvas: Canvas, font: str, size: float, x_mm: float, y_mm: float, text: str) -> None:
    canvas.setFont(font, size)
    canvas.drawString(x_mm * mm, _HEIGHT - y_mm * mm, text)


def _draw_codes(canvas: Canvas, runs: Sequence[tuple[int, int, int]], modules: int) -> None:
    size = _CODE_MM * mm / modules
    for x_mm, y_mm in _CODES_MM:
        path = canvas.beginPath()
        for row, start, end in runs:
            path.rect(x_mm * mm + start * size, _HEIGHT - y_mm * mm - (row + 1) * size, (end - start) * size, size)
        canvas.drawPath(path, stroke=0, fill=1)
