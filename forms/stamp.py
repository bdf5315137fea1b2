"""The plain way to make a customer's PDF: draw the own part as a PDF and lay it over the static letter.

It serves every character that the fonts know, and is what the fast way (`forms.prototype`) is compared with.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import pikepdf

from forms.draw import draw_own_pages
from forms.issued_form import OwnPage, PageGeometry


def stamp(static_pdf: bytes, pages: Sequence[PageGeometry], own_pages: Sequence[OwnPage]) -> bytes:
    """Lay a customer's part over the static letter; the same input gives the same bytes."""
    buffer = BytesIO()
    own_pdf = draw_own_pages(pages, own_pages)
    with pikepdf.open(BytesIO(static_pdf)) as pdf, pikepdf.open(BytesIO(own_pdf)) as own:
        for page, own_page in zip(pdf.pages, own.pages, strict=True):
            own_part = pdf.copy_foreign(own_page.as_form_xobject())
            # Named by us: a name drawn at random would make the same issue differ from run to run.
            page.add_resource(own_part, pikepdf.Name.XObject, pikepdf.Name.Own, replace_existing=False)
            page.contents_add(b"q /Own Do Q", prepend=False)
        pdf.save(buffer, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return buffer.getvalue()
