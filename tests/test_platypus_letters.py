"""What issuing is measured against says what our letter says: a comparison with less in it would flatter us."""

from __future__ import annotations

import subprocess
from io import BytesIO

import numpy as np
import pikepdf
import pytest
import zxingcpp
from letters import CUSTOMER, FORM_ID, ISSUED_ON, TEMPLATES, issue

from bench.platypus_letters import PlatypusLetters
from forms.blank_page import render_blank_pages
from forms.load_template import load_template


def _letter(name: str, *, with_fields: bool = True) -> bytes:
    template = load_template(TEMPLATES / f"{name}.toml").template
    return PlatypusLetters(template, with_fields=with_fields).make(CUSTOMER, FORM_ID, ISSUED_ON)


def _words(pdf: bytes) -> list[str]:
    done = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True)
    return sorted(done.stdout.decode().split())


def _codes(pdf: bytes) -> list[str]:
    found = []
    for picture in render_blank_pages(pdf, 300.0):
        found += [code.text for code in zxingcpp.read_barcodes(np.ascontiguousarray(picture))]
    return sorted(found)


@pytest.mark.parametrize("with_fields", [True, False])
def test_it_says_the_same(*, with_fields: bool) -> None:
    """Every word of the real letter stands in it, and no other, and so do its page codes."""
    pdf, ours = _letter("remote-support.v1", with_fields=with_fields), issue().pdf
    assert _words(pdf) == _words(ours)
    assert _codes(pdf) == _codes(ours)
    assert len(_codes(pdf)) == 2


def test_it_has_the_same_fields_to_fill_in() -> None:
    """Both options and the three text fields are there (reportlab knows no field for a signature)."""
    fields, ours = (_fields(pdf) for pdf in (_letter("remote-support.v1"), issue().pdf))
    assert fields == ours - {"signature"}
    assert fields == {"variant A", "variant B", "place", "date", "name"}


def _fields(pdf: bytes) -> set[str]:
    with pikepdf.open(BytesIO(pdf)) as document:
        names = set()
        for field in document.Root.AcroForm.Fields:
            states = {state for kid in field.get("/Kids", []) for state in kid.AP.N} - {"/Off"}
            names |= {f"{field.T} {state[1:]}" for state in states} or {str(field.T)}
        return names
