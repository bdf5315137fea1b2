"""Issue a form: template and customer in, PDF and exact geometry out.

What all customers share is laid out and drawn once, when the issuer is made; each form adds only its own part.
"""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pikepdf

from forms.acroform import add_fields
from forms.draw import draw_own_pages, draw_static_pages
from forms.issued_form import Customer, IssuedForm, IssuedPdf, LetterGeometry
from forms.own_page import set_own_pages
from forms.page_code import new_form_id, reference
from forms.template import Template


class FormIssuer:
    """Issues forms of one template: the static letter is drawn once and every form is laid over it."""

    def __init__(self, letter: LetterGeometry, template: Template) -> None:
        self.letter = letter
        self._template = template
        self._letter_sha256 = letter.sha256()
        self._static_pdf = add_fields(draw_static_pages(letter.pages), letter.pages, template)

    def issue(self, customer: Customer, *, issued_on: date, form_id: str | None = None) -> IssuedPdf:
        """Issue the form for one customer.

        A form id is drawn at random unless one is given. Raises DoesNotFit where the customer's words find no room:
        nothing is shortened.
        """
        form_id = form_id or new_form_id()
        own_pages = set_own_pages(self._template, customer, form_id, issued_on, len(self.letter.pages))
        form = IssuedForm(
            form_id=form_id,
            reference=reference(form_id),
            customer=customer,
            issued_on=issued_on,
            due_on=issued_on + timedelta(days=self._template.due_days),
            letter_sha256=self._letter_sha256,
            pages=own_pages,
        )
        return IssuedPdf(form, self.letter, self._stamp(draw_own_pages(self.letter.pages, own_pages)))

    def _stamp(self, own_pdf: bytes) -> bytes:
        buffer = BytesIO()
        with pikepdf.open(BytesIO(self._static_pdf)) as pdf, pikepdf.open(BytesIO(own_pdf)) as own:
            for page, own_page in zip(pdf.pages, own.pages, strict=True):
                own_part = pdf.copy_foreign(own_page.as_form_xobject())
                # Named by us: a name drawn at random would make the same issue differ from run to run.
                page.add_resource(own_part, pikepdf.Name.XObject, pikepdf.Name.Own, replace_existing=False)
                page.contents_add(b"q /Own Do Q", prepend=False)
            pdf.save(buffer, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return buffer.getvalue()
