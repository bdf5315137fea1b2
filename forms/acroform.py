"""The fillable fields, laid over the printed page: one radio group, three text fields and the signature field.

Every widget carries a stored appearance for every state it can be in, and has no border of its own (the printed box is
page content, as some viewers do not print widgets). NeedAppearances is never set. The names, values and flags are
those of ISO 32000-1, 12.7.
"""

from __future__ import annotations

from io import BytesIO

from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NumberObject,
    PdfObject,
    TextStringObject,
)

from forms.issued_form import Checkbox, PageGeometry, SignatureField, TextField
from forms.template import Template
from forms.units import BoxMm, mm_to_pt

_PRINT = 1 << 2
_REQUIRED = 1 << 1
_RADIO = 1 << 15
_CROSS = "8"
"""The cross in ZapfDingbats: what a viewer draws that makes appearances of its own."""
_TEXT_PT = 11


def add_fields(pdf: bytes, pages: tuple[PageGeometry, ...], template: Template) -> bytes:
    """Return the static PDF with its fields, language and title; the pages' geometry says where they lie."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf)))
    builder = _FieldBuilder(writer, template)
    for index, page in enumerate(pages):
        builder.add_page(index, page)
    writer.root_object[NameObject("/AcroForm")] = writer._add_object(builder.acroform())
    writer.root_object[NameObject("/Lang")] = TextStringObject(template.language)
    preferences = DictionaryObject({NameObject("/DisplayDocTitle"): BooleanObject(value=True)})
    writer.root_object[NameObject("/ViewerPreferences")] = preferences
    writer.metadata = {"/Title": template.title, "/Author": template.sender.name, "/Creator": "Rücklauf"}
    buffer = BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


class _FieldBuilder:
    """Collects the fields of all pages; the radio group spans them."""

    def __init__(self, writer: PdfWriter, template: Template) -> None:
        self._writer = writer
        self._template = template
        self._kids = ArrayObject()
        self._fields = ArrayObject()
        self._group = self._add(
            {
                "/FT": NameObject("/Btn"),
                "/Ff": NumberObject(_RADIO | _REQUIRED),
                "/T": TextStringObject("variant"),
                "/TU": TextStringObject(template.choice.instruction),
                "/V": NameObject("/Off"),
                "/Kids": self._kids,
            }
        )
        self._fields.append(self._group)

    def add_page(self, index: int, page: PageGeometry) -> None:
        """Add the widgets of one page, in reading order: that is also the order of the tab key."""
        self._page = self._writer.pages[index]
        self._height_mm = page.height_mm
        widgets = ArrayObject()
        for checkbox in page.checkboxes:
            widgets.append(self._checkbox(checkbox))
        self._kids.extend(widgets)
        fields = [self._text_field(field) for field in page.text_fields]
        if page.signature is not None:
            fields.append(self._signature(page.signature))
        self._fields.extend(fields)
        widgets.extend(fields)
        self._page[NameObject("/Annots")] = widgets
        self._page[NameObject("/Tabs")] = NameObject("/R")

    def acroform(self) -> DictionaryObject:
        """The document's interactive form dictionary."""
        fonts = DictionaryObject(
            {NameObject("/Helv"): self._font("/Helvetica"), NameObject("/ZaDb"): self._font("/ZapfDingbats")}
        )
        return _dictionary(
            {
                "/Fields": self._fields,
                "/DA": TextStringObject(f"/Helv {_TEXT_PT} Tf 0 g"),
                "/DR": DictionaryObject({NameObject("/Font"): fonts}),
            }
        )

    def _checkbox(self, checkbox: Checkbox) -> IndirectObject:
        option = next(o for o in self._template.choice.options if o.value == checkbox.option)
        tooltip = self._template.words.option_tooltip.replace("{heading}", option.heading)
        states = {f"/{checkbox.option}": _cross(checkbox.box_mm), "/Off": b""}
        appearance = DictionaryObject(
            {NameObject(state): self._appearance(checkbox.box_mm, content) for state, content in states.items()}
        )
        return self._widget(
            checkbox.box_mm,
            {
                "/Parent": self._group,
                "/TU": TextStringObject(tooltip),
                "/AS": NameObject("/Off"),
                "/MK": _dictionary({"/CA": TextStringObject(_CROSS)}),
                "/AP": _dictionary({"/N": appearance, "/D": appearance}),
            },
        )

    def _text_field(self, field: TextField) -> IndirectObject:
        written = getattr(self._template.fields, field.name)
        return self._widget(
            field.box_mm,
            {
                "/FT": NameObject("/Tx"),
                "/T": TextStringObject(field.name),
                "/TU": TextStringObject(written.tooltip),
                "/Ff": NumberObject(_REQUIRED if field.required else 0),
                "/DA": TextStringObject(f"/Helv {_TEXT_PT} Tf 0 g"),
                "/AP": _dictionary({"/N": self._appearance(field.box_mm, b"/Tx BMC\nEMC\n")}),
            },
        )

    def _signature(self, field: SignatureField) -> IndirectObject:
        return self._widget(
            field.box_mm,
            {
                "/FT": NameObject("/Sig"),
                "/T": TextStringObject("signature"),
                "/TU": TextStringObject(self._template.signature.tooltip),
                "/Ff": NumberObject(_REQUIRED if field.required else 0),
                "/AP": _dictionary({"/N": self._appearance(field.box_mm, b"")}),
            },
        )

    def _widget(self, box: BoxMm, entries: dict[str, PdfObject]) -> IndirectObject:
        left, right = mm_to_pt(box.x0), mm_to_pt(box.x1)
        bottom, top = mm_to_pt(self._height_mm - box.y1), mm_to_pt(self._height_mm - box.y0)
        widget: dict[str, PdfObject] = {
            "/Type": NameObject("/Annot"),
            "/Subtype": NameObject("/Widget"),
            "/Rect": ArrayObject(FloatObject(round(value, 4)) for value in (left, bottom, right, top)),
            "/P": self._page.indirect_reference or self._page,
            "/F": NumberObject(_PRINT),
            "/BS": _dictionary({"/W": NumberObject(0)}),
        }
        return self._add(widget | entries)

    def _appearance(self, box: BoxMm, content: bytes) -> IndirectObject:
        stream = DecodedStreamObject()
        stream.set_data(content)
        bounds = ArrayObject(FloatObject(round(mm_to_pt(value), 4)) for value in (0, 0, box.width, box.height))
        stream.update(
            _dictionary(
                {
                    "/Type": NameObject("/XObject"),
                    "/Subtype": NameObject("/Form"),
                    "/BBox": bounds,
                    "/Resources": _dictionary({}),
                }
            )
        )
        return self._writer._add_object(stream)

    def _font(self, name: str) -> IndirectObject:
        entries: dict[str, PdfObject] = {
            "/Type": NameObject("/Font"),
            "/Subtype": NameObject("/Type1"),
            "/BaseFont": NameObject(name),
        }
        if name == "/Helvetica":
            entries["/Encoding"] = NameObject("/WinAnsiEncoding")
        return self._add(entries)

    def _add(self, entries: dict[str, PdfObject]) -> IndirectObject:
        return self._writer._add_object(_dictionary(entries))


def _dictionary(entries: dict[str, PdfObject]) -> DictionaryObject:
    return DictionaryObject({NameObject(key): value for key, value in entries.items()})


def _cross(box: BoxMm) -> bytes:
    size_pt, inset_pt = mm_to_pt(box.width), mm_to_pt(1.1)
    low, high = f"{inset_pt:.3f}", f"{size_pt - inset_pt:.3f}"
    return f"q 1.6 w 1 J 0 G {low} {low} m {high} {high} l S {low} {high} m {high} {low} l S Q\n".encode()
