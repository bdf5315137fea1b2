"""Readers that do in a worker process what bad files make parsers do: each really does it."""

# ruff: noqa: ARG001 - every reader takes what readers take
from __future__ import annotations

import ctypes
import hashlib
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

from forms.issued_form import IssuedPdf
from intake.results import DocumentReading, Reason, UnplacedPage
from intake.validate_signatures import Certificates
from intake.worker_process import AnnouncePages, FormLookup


def _reading(data: bytes, detail: str = "", pages: int = 1) -> DocumentReading:
    unplaced = tuple(UnplacedPage(number + 1, Reason.PAGE_NO_CODE) for number in range(pages))
    return DocumentReading(hashlib.sha256(data).hexdigest(), None, detail, pages, (), unplaced)


def read_well(
    data: bytes, lookup: FormLookup, today: date, announce_pages: AnnouncePages, _trusted: Certificates = ()
) -> DocumentReading:
    """Do nothing wrong; what was seen of the surroundings goes into the detail."""
    seen = {
        "environment": sorted(os.environ),
        "at_start": Path("/proc/self/environ").read_text(),
        "descriptors": sorted(str(path.readlink()) for path in Path("/proc/self/fd").iterdir() if path.is_symlink()),
        "modules": sorted(sys.modules),
        "main": getattr(sys.modules["__main__"], "__file__", None),
        "no_new_privileges": "NoNewPrivs:\t1" in Path("/proc/self/status").read_text(),
        "today": today.isoformat(),
    }
    return _reading(data, json.dumps(seen))


def ask_for_forms(
    data: bytes, lookup: FormLookup, today: date, announce_pages: AnnouncePages, _trusted: Certificates = ()
) -> DocumentReading:
    """Look up each form id in the data and tell which were found, with the size of their PDFs."""
    found = {form_id: lookup(form_id) for form_id in data.decode("ascii").split()}
    return _reading(
        data,
        json.dumps({key: len(issued.pdf) if isinstance(issued, IssuedPdf) else None for key, issued in found.items()}),
    )


def hang(
    data: bytes, lookup: FormLookup, today: date, announce_pages: AnnouncePages, _trusted: Certificates = ()
) -> DocumentReading:
    """Sleep for ever."""
    while True:
        time.sleep(1000)


def spin(
    data: bytes, lookup: FormLookup, today: date, announce_pages: AnnouncePages, _trusted: Certificates = ()
) -> DocumentReading:
    """Use the processor for ever."""
    while True:
        pass


def take_a_while(
    data: bytes, lookup: FormLookup, today: date, announce_pages: AnnouncePages, _trusted: Certificates = ()
) -> DocumentReading:
    """Need as long as the data says, in seconds."""
    time.sleep(float(data))
    return _reading(data)


def take_a_while_for_pages(
    data: bytes, lookup: FormLookup, today: date, announce_pages: AnnouncePages, _trusted: Certificates = ()
) -> DocumentReading:
    """Announce as many pages as the data says, and need longer than one page's time."""
    announce_pages(int(data))
    time.sleep(1.0)
    return _reading(data)


def crash(
    data: bytes, lookup: FormLookup, today: date, announce_pages: AnnouncePages, _trusted: Certificates = ()
) -> DocumentReading:
    """Read address 0."""
    ctypes.string_at(0)
    return _reading(data)


def eat_memory(
    data: bytes, lookup: FormLookup, today: date, announce_pages: AnnouncePages, _trusted: Certificates = ()
) -> DocumentReading:
    """Allocate without end."""
    eaten = []
    while True:
        eaten.append(bytearray(64 << 20))


def raise_an_error(
    data: bytes, lookup: FormLookup, today: date, announce_pages: AnnouncePages, _trusted: Certificates = ()
) -> DocumentReading:
    """Raise what nothing expects, with a message of two lines."""
    raise KeyError("first\nsecond")


def leave_silently(
    data: bytes, lookup: FormLookup, today: date, announce_pages: AnnouncePages, _trusted: Certificates = ()
) -> DocumentReading:
    """End the process without a word."""
    os._exit(0)


def hang_with_child(
    data: bytes, lookup: FormLookup, today: date, announce_pages: AnnouncePages, _trusted: Certificates = ()
) -> DocumentReading:
    """Start a child process, leave its number in the file that the data names, and hang."""
    child = subprocess.Popen(["sleep", "1000"])
    Path(data.decode()).write_text(str(child.pid))
    return hang(data, lookup, today, announce_pages)


def leave_a_file(
    data: bytes, lookup: FormLookup, today: date, announce_pages: AnnouncePages, _trusted: Certificates = ()
) -> DocumentReading:
    """Leave a file in the temporary folder and tell where."""
    Path("left").write_text("personal data")
    return _reading(data, str(Path.cwd()))


def write_garbage(
    data: bytes, lookup: FormLookup, today: date, announce_pages: AnnouncePages, _trusted: Certificates = ()
) -> DocumentReading:
    """Write the data into every descriptor there is."""
    for path in Path("/proc/self/fd").iterdir():
        if path.is_symlink() and str(path.readlink()).startswith("socket:"):
            os.write(int(path.name), data)
    return hang(data, lookup, today, announce_pages)


def lie_about_the_document(
    data: bytes, lookup: FormLookup, today: date, announce_pages: AnnouncePages, _trusted: Certificates = ()
) -> DocumentReading:
    """Hand over the reading of another document."""
    return _reading(b"another")


def lose_a_page(
    data: bytes, lookup: FormLookup, today: date, announce_pages: AnnouncePages, _trusted: Certificates = ()
) -> DocumentReading:
    """Say two pages and account for one."""
    reading = _reading(data)
    return DocumentReading(reading.sha256, None, "", 2, (), reading.unplaced)


def contradict_itself(
    data: bytes, lookup: FormLookup, today: date, announce_pages: AnnouncePages, _trusted: Certificates = ()
) -> DocumentReading:
    """Say that the document is broken, and place its page."""
    return replace(_reading(data), problem=Reason.FILE_BROKEN)


def print_a_lot(
    data: bytes, lookup: FormLookup, today: date, announce_pages: AnnouncePages, _trusted: Certificates = ()
) -> DocumentReading:
    """Print as chatty parsers do."""
    sys.stdout.write("noise")
    os.write(2, b"noise")
    return _reading(data)
