"""The pages as they were issued, as pictures to be laid beside those that came back."""

from __future__ import annotations

import io

from PIL import Image

from forms.blank_page import render_blank_pages
from forms.issued_form import IssuedPdf
from registry.lookup import find_issued
from registry.models import Return

_DPI = 100.0
"""As the pictures of returned pages have it."""


def blank_picture(return_id: int, form_page: int) -> bytes | None:
    """Draw a page (counting from 1) of the form that a return answers, as PNG; None where there is none, or no more."""
    form_id = Return.objects.filter(pk=return_id).values_list("issue__form_id", flat=True).first()
    issued = find_issued(form_id) if form_id is not None else None
    if not isinstance(issued, IssuedPdf) or not 1 <= form_page <= len(issued.letter.pages):
        return None
    pages = render_blank_pages(issued.pdf, _DPI)
    data = io.BytesIO()
    Image.fromarray(pages[form_page - 1]).save(data, "PNG")
    return data.getvalue()
