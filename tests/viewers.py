"""Real viewers that fill in an issued PDF: Chrome's engine by clicks and keys, Firefox's by values, and others."""

from __future__ import annotations

import gzip
import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from pypdf import PdfReader, PdfWriter

from forms.issued_form import IssuedPdf, PageGeometry
from forms.units import BoxMm, mm_to_pt
from simulation.strokes import Stroke

PDFJS = Path("/usr/share/javascript/pdf/build/pdf.js")
"""Debian's package libjs-pdf."""
FILL_IN_WITH_PDFJS = Path(__file__).parent / "data" / "fill_in_with_pdfjs.js"
TEXTS = {"place": "Köln", "date": "23.10.2026", "name": "Łukasz Ğöş"}
Engine = Callable[[IssuedPdf, str, Path], bytes]


def fill_in_with_pypdf(issued: IssuedPdf, option: str, folder: Path) -> bytes:  # noqa: ARG001
    """Set the values as a program would, with new appearances for the texts."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(issued.pdf)))
    values = {**TEXTS, "variant": f"/{option}"}
    for page in writer.pages:
        writer.update_page_form_field_values(page, dict(values), auto_regenerate=False)
    buffer = BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def _fill_in_with_pdfjs(issued: IssuedPdf, option: str, folder: Path) -> bytes:
    """Enter the values into the viewer's storage and let it save, as Firefox does."""
    source, target = folder / "form.pdf", folder / "filled.pdf"
    source.write_bytes(issued.pdf)
    values = json.dumps({**TEXTS, "variant": option})
    command = ["node", *map(str, (FILL_IN_WITH_PDFJS, PDFJS, source, target)), values]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return target.read_bytes()


def fill_in_with_pdfium(issued: IssuedPdf, option: str, folder: Path) -> bytes:  # noqa: ARG001
    """Click on the box and into the fields and type, as somebody does in Chrome."""
    document = pdfium.PdfDocument(issued.pdf)
    document.init_forms()
    for geometry in issued.letter.pages:
        page = document[geometry.number - 1]
        for box, text in _clicks(geometry, option):
            click(document, page, box, geometry.height_mm)
            _type(document, page, text)
        pdfium_c.FORM_ForceToKillFocus(document.formenv)
    buffer = BytesIO()
    document.save(buffer)
    document.close()
    return buffer.getvalue()


def _clicks(page: PageGeometry, option: str) -> Iterator[tuple[BoxMm, str]]:
    """Where to click on a page, and what to type there."""
    for checkbox in page.checkboxes:
        if checkbox.option == option:
            yield checkbox.box_mm, ""
    for field in page.text_fields:
        yield field.box_mm, TEXTS[field.name]


def click(document: pdfium.PdfDocument, page: pdfium.PdfPage, box: BoxMm, height_mm: float) -> None:
    """Click into the middle of a box."""
    x_mm, y_mm = box.centre
    place = (document.formenv, page, 0, mm_to_pt(x_mm), mm_to_pt(height_mm - y_mm))
    pdfium_c.FORM_OnMouseMove(*place)
    assert pdfium_c.FORM_OnLButtonDown(*place), "no field takes the click"
    pdfium_c.FORM_OnLButtonUp(*place)


def _type(document: pdfium.PdfDocument, page: pdfium.PdfPage, text: str) -> None:
    for character in text:
        assert pdfium_c.FORM_OnChar(document.formenv, page, ord(character), 0), f"{character} is not taken"


ENGINES: dict[str, Engine] = {
    "pypdf": fill_in_with_pypdf,
    "pdf.js": _fill_in_with_pdfjs,
    "pdfium": fill_in_with_pdfium,
}


def flatten_with_pdfium(pdf: bytes) -> bytes:
    """Draw all fields and annotations into the page and take them away, as Chrome does when it prints."""
    document = pdfium.PdfDocument(pdf)
    document.init_forms()
    for page in document:
        assert pdfium_c.FPDFPage_Flatten(page, pdfium_c.FLAT_PRINT) == pdfium_c.FLATTEN_SUCCESS
    buffer = BytesIO()
    document.save(buffer)
    document.close()
    return buffer.getvalue()


def print_with_cairo(pdf: bytes, folder: Path) -> bytes:
    """Print into a new PDF, as Linux desktops do."""
    source, target = folder / "to-print.pdf", folder / "printed.pdf"
    source.write_bytes(pdf)
    subprocess.run(["pdftocairo", "-pdf", source, target], check=True, timeout=240, capture_output=True)
    return target.read_bytes()


def write_with_xournalpp(pdf: bytes, strokes: Sequence[Stroke], folder: Path) -> bytes:
    """Write over the first page with Xournal++ and export it; strokes are in millimetres of the page."""
    source, note, target = (folder / name for name in ("form.pdf", "form.xopp", "written.pdf"))
    source.write_bytes(pdf)
    lines = "".join(
        f'<stroke tool="pen" color="#0000a0ff" width="1.4">{_points(stroke)}</stroke>\n' for stroke in strokes
    )
    xml = f"""<?xml version="1.0" standalone="no"?>
<xournal creator="Xournal++ 1.1.3" fileversion="4"><page width="595.28" height="841.89">
<background type="pdf" domain="absolute" filename="{source}" pageno="1"/><layer>{lines}</layer></page></xournal>"""
    note.write_bytes(gzip.compress(xml.encode()))
    command = ["xournalpp", f"--create-pdf={target}", str(note)]
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin"}
    subprocess.run(command, check=True, timeout=240, capture_output=True, env=environment)
    return target.read_bytes()


def _points(stroke: Stroke) -> str:
    return " ".join(f"{mm_to_pt(float(x)):.2f} {mm_to_pt(float(y)):.2f}" for x, y in stroke)
