"""The fast way to make a customer's PDF: what all letters share is made once, and only the own part written each time.

The static letter is taken apart into its objects, which are serialised once; a slot on each page stays open for the
customer's own text and page code. A letter then is the shared bytes, the objects in the slots, and the table that says
where each object begins (a cross-reference stream; ISO 32000-1, 7.5). It is a whole file, not one with updates.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

import pikepdf

from forms.draw import EmbeddedFont
from forms.issued_form import FontName, OwnPage, PageGeometry
from forms.own_content import OwnContent, own_content

_HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
_ROW = struct.Struct(">BIH")
"""A row of the cross-reference stream: kind of entry, place, and a number that depends on the kind."""
_FREE, _PLAIN, _PACKED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class _Slots:
    """The numbers of the objects on one page that each letter brings along."""

    content: int
    code: int


class Prototype:
    """A finished letter in which only the customer's part is missing."""

    def __init__(
        self, static_pdf: bytes, pages: Sequence[PageGeometry], fonts: Mapping[FontName, EmbeddedFont]
    ) -> None:
        self._pages = tuple(pages)
        self._fonts = fonts
        with pikepdf.open(BytesIO(_with_slots(static_pdf))) as pdf:
            self._slots = [
                _Slots(page.Contents[-1].objgen[0], page.Resources.XObject.Code.objgen[0]) for page in pdf.pages
            ]
            open_slots = {number for slots in self._slots for number in (slots.content, slots.code)}
            self._shared, self._rows = _serialise(pdf, open_slots)
            self._root, self._info = pdf.Root.objgen[0], pdf.trailer.Info.objgen[0]
        self._digest = hashlib.sha256(self._shared)

    def write(self, own_pages: Sequence[OwnPage]) -> bytes:
        """Write a customer's PDF; the same input gives the same bytes.

        Raises UnicodeEncodeError for a character that the letter's fonts do not carry.
        """
        parts, rows, place = [self._shared], self._rows.copy(), len(self._shared)
        for number, piece in self._own_objects(own_pages):
            parts.append(piece)
            rows[number] = _ROW.pack(_PLAIN, place, 0)
            place += len(piece)
        digest = self._digest.copy()
        digest.update(b"".join(parts[1:]))
        rows.append(_ROW.pack(_PLAIN, place, 0))
        parts.append(self._cross_references(rows, digest.hexdigest()[:32], place))
        return b"".join(parts)

    def _own_objects(self, own_pages: Sequence[OwnPage]) -> Iterator[tuple[int, bytes]]:
        for slots, page, own in zip(self._slots, self._pages, own_pages, strict=True):
            content = own_content(self._fonts, page, own)
            yield slots.content, _stream(slots.content, "", content.page)
            yield slots.code, _stream(slots.code, _code_entries(content), content.code)

    def _cross_references(self, rows: Sequence[bytes], file_id: str, place: int) -> bytes:
        entries = (
            f"/Type /XRef /Size {len(rows)} /W [1 4 2] /Root {self._root} 0 R /Info {self._info} 0 R "
            f"/ID [<{file_id}> <{file_id}>] "
        )
        return _stream(len(rows) - 1, entries, b"".join(rows)) + f"startxref\n{place}\n%%EOF\n".encode("ascii")


def _with_slots(static_pdf: bytes) -> bytes:
    """Give each page of the static letter an empty content and an empty page code to be replaced."""
    buffer = BytesIO()
    with pikepdf.open(BytesIO(static_pdf)) as pdf:
        for page in pdf.pages:
            page.add_resource(pdf.make_stream(b""), pikepdf.Name.XObject, pikepdf.Name.Code, replace_existing=False)
            page.contents_add(pdf.make_stream(b""), prepend=False)
        pdf.save(buffer, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return buffer.getvalue()


def _serialise(pdf: pikepdf.Pdf, open_slots: set[int]) -> tuple[bytes, list[bytes]]:
    """Write all objects but those in the open slots; give the bytes, and a row for every object by its number."""
    rows = [b""] * (len(pdf.objects) + 1)
    rows[0] = _ROW.pack(_FREE, 0, 0xFFFF)
    shared, plain = bytearray(_HEADER), list[tuple[int, bytes]]()
    for thing in pdf.objects:
        number = thing.objgen[0]
        if number in open_slots:
            continue
        if isinstance(thing, pikepdf.Stream):
            rows[number] = _ROW.pack(_PLAIN, len(shared), 0)
            shared += b"%d 0 obj\n%b\nstream\n%b\nendstream\nendobj\n" % (
                number, thing.stream_dict.unparse(resolved=True), thing.read_raw_bytes(),
            )  # fmt: skip
        else:
            rows[number] = _ROW.pack(_PACKED, len(rows), len(plain))
            plain.append((number, thing.unparse(resolved=True)))
    rows.append(_ROW.pack(_PLAIN, len(shared), 0))
    shared += _object_stream(len(rows) - 1, plain)
    return bytes(shared), rows


def _object_stream(number: int, plain: Sequence[tuple[int, bytes]]) -> bytes:
    """Pack objects that are no streams into one: compressed they take a third (ISO 32000-1, 7.5.7)."""
    heads, place = [], 0
    for own_number, data in plain:
        heads.append(f"{own_number} {place}")
        place += len(data) + 1
    head = " ".join(heads).encode("ascii") + b"\n"
    entries = f"/Type /ObjStm /N {len(plain)} /First {len(head)} /Filter /FlateDecode "
    return _stream(number, entries, zlib.compress(head + b"\n".join(data for _, data in plain), 9))


def _code_entries(content: OwnContent) -> str:
    # A margin of one module: at the box's very edge a viewer would blur twice, once for the box and once for the ink.
    end = content.modules + 1
    return f"/Type /XObject /Subtype /Form /BBox [-1 -1 {end} {end}] /Resources << >> "


def _stream(number: int, entries: str, data: bytes) -> bytes:
    head = f"{number} 0 obj\n<< {entries}/Length {len(data)} >>\nstream\n"
    return head.encode("ascii") + data + b"\nendstream\nendobj\n"
