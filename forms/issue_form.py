"""Issue a form: template and customer in, PDF and exact geometry out.

What all customers share is laid out and drawn once, when the issuer is made; each form adds only its own part. That is
written straight into the prototype of the letter, unless the customer's words need characters beyond its fonts.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Self

from forms.acroform import add_fields
from forms.draw import draw_static_pages
from forms.issued_form import Customer, IssuedForm, IssuedPdf, LetterGeometry, OwnPage
from forms.lay_out import lay_out
from forms.load_template import LoadedTemplate
from forms.own_page import set_own_pages
from forms.page_code import new_form_id, reference
from forms.prototype import Prototype
from forms.stamp import stamp
from forms.template import Template


class FormIssuer:
    """Issues forms of one template, one or many thousand: nothing of a form is kept."""

    def __init__(self, letter: LetterGeometry, template: Template) -> None:
        self.letter = letter
        self._template = template
        self._letter_sha256 = letter.sha256()
        drawn = draw_static_pages(letter.pages)
        self.static_pdf = add_fields(drawn.pdf, letter.pages, template)
        self._prototype = Prototype(self.static_pdf, letter.pages, drawn.fonts)

    @classmethod
    def of(cls, loaded: LoadedTemplate) -> Self:
        """Lay a template out, ready to issue; raises `LayoutError` where it finds no room."""
        return cls(lay_out(loaded.template, loaded.sha256), loaded.template)

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
        return IssuedPdf(form, self.letter, self._pdf(own_pages))

    def _pdf(self, own_pages: tuple[OwnPage, ...]) -> bytes:
        try:
            return self._prototype.write(own_pages)
        except UnicodeEncodeError:  # a character that the letter's fonts do not carry
            return stamp(self.static_pdf, self.letter.pages, own_pages)
