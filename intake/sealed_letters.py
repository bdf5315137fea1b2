"""Hand what all forms of a letter share to worker processes: prepared once, in memory that nobody can change.

A worker reads one document and ends; preparing the letter's pages anew would take a third of its time, and all come to
the same. The parent prepares them from a PDF that we issued ourselves and seals them: from then on the kernel lets
nobody write there, so that no document can leave anything behind for the next one.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import pickle
import struct
import weakref
from collections.abc import Sequence

import pikepdf
import pypdfium2 as pdfium

from forms.issued_form import IssuedPdf

MOST_LETTERS = 8
"""Letters beyond these are prepared by the workers themselves."""
_ALL_SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
_LENGTH = struct.Struct(">Q")
_ALIGNED_BYTES = 64

LetterKey = tuple[str, int]
"""A template and its version."""


class PreparedLetters:
    """Prepares the letters whose forms are asked for, for the workers that start after that."""

    def __init__(self) -> None:
        self._asked_for: dict[LetterKey, IssuedPdf] = {}
        self._sealed: dict[LetterKey, int | None] = {}
        weakref.finalize(self, _close, self._sealed)

    def note(self, issued: IssuedPdf) -> None:
        """Take note that a form was asked for: others of its letter will follow."""
        key = issued.letter.template, issued.letter.version
        if key not in self._sealed and len(self._sealed) < MOST_LETTERS:
            self._asked_for[key] = issued

    def handles(self) -> list[int]:
        """Give the sealed memory of all letters that can be prepared, as open file descriptors of ours."""
        while self._asked_for:
            key, issued = self._asked_for.popitem()
            self._sealed[key] = _sealed(issued)
        return [handle for handle in self._sealed.values() if handle is not None]


def _close(sealed: dict[LetterKey, int | None]) -> None:
    for handle in sealed.values():
        if handle is not None:
            os.close(handle)


def take_over(handles: Sequence[int]) -> None:
    """Take what the parent has prepared for what this process would prepare itself; closes the handles."""
    from intake.printed_page import keep_shared

    for handle in handles:
        view = memoryview(mmap.mmap(handle, 0, prot=mmap.PROT_READ))
        os.close(handle)
        pages, buffers = _parts(view)
        keep_shared(pickle.loads(pages, buffers=buffers))  # noqa: S301 - our parent's own words


def _sealed(issued: IssuedPdf) -> int | None:
    """Prepare a letter; None where its PDF cannot be rendered, which whoever reads such a form will say."""
    from intake.printed_page import shared_pages

    buffers: list[pickle.PickleBuffer] = []
    try:
        pages = pickle.dumps(shared_pages(issued), protocol=5, buffer_callback=buffers.append)
    except (pikepdf.PdfError, pdfium.PdfiumError, ValueError):
        return None
    handle = os.memfd_create("ruecklauf-letter", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with os.fdopen(handle, "wb", closefd=False) as memory:
        for part in (memoryview(pages), *(buffer.raw() for buffer in buffers)):
            memory.write(_LENGTH.pack(len(part)) + bytes(_ALIGNED_BYTES - _LENGTH.size))
            memory.write(part)
            memory.write(bytes(-len(part) % _ALIGNED_BYTES))
    fcntl.fcntl(handle, fcntl.F_ADD_SEALS, _ALL_SEALS)
    return handle


def _parts(view: memoryview) -> tuple[memoryview, list[memoryview]]:
    parts, at = [], 0
    while at < len(view):
        (length,) = _LENGTH.unpack_from(view, at)
        at += _ALIGNED_BYTES
        parts.append(view[at : at + length])
        at += length + -length % _ALIGNED_BYTES
    return parts[0], parts[1:]
