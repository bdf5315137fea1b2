"""One PDF of many letters, for the printer: in their order, without form fields, each font in it once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from io import BytesIO

import pikepdf


def print_file(pdfs: Iterable[bytes]) -> bytes:
    """Bring all pages of the letters into one PDF.

    It asks the printer for single-sided pages at their true size: a letter of one page must not end up on another
    customer's back, and a page that is scaled is harder to read when it comes back.
    """
    with pikepdf.new() as target:
        fonts: dict[str, pikepdf.Object] = {}
        for pdf in pdfs:
            with pikepdf.open(BytesIO(pdf)) as letter:
                for page in letter.pages:
                    _append(target, page, fonts)
        target.Root.ViewerPreferences = pikepdf.Dictionary(
            Duplex=pikepdf.Name.Simplex, PrintScaling=pikepdf.Name("/None")
        )
        data = BytesIO()
        target.save(data, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return data.getvalue()


def _append(target: pikepdf.Pdf, page: pikepdf.Page, fonts: dict[str, pikepdf.Object]) -> None:
    """Append a page; fonts that an earlier one brought along are taken from there."""
    if "/Annots" in page.obj:
        del page.obj["/Annots"]
    digest = _digest(page.Resources.Font)
    if digest in fonts:
        del page.Resources["/Font"]
    target.pages.append(page)
    appended = target.pages[-1]
    if digest in fonts:
        appended.Resources.Font = fonts[digest]
    else:
        fonts[digest] = appended.Resources.Font = target.make_indirect(appended.Resources.Font)


def _digest(value: pikepdf.Object) -> str:
    """A digest of a PDF object with everything that it refers to; fonts refer to nothing that refers back."""
    if isinstance(value, pikepdf.Stream):
        parts = [hashlib.sha256(value.read_raw_bytes()).hexdigest(), *_parts(value.stream_dict)]
    elif isinstance(value, pikepdf.Dictionary):
        parts = _parts(value)
    elif isinstance(value, pikepdf.Array):
        parts = [_digest(each) for each in value]
    else:
        parts = [repr(value)]
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()


def _parts(dictionary: pikepdf.Object) -> list[str]:
    return [f"{key} {_digest(dictionary[key])}" for key in sorted(dictionary.keys())]
