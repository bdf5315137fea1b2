"""What a worker runs that tells, in place of its reading, how much memory it took at most."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from intake.identify import FormLookup
from intake.read_received import read_without_pictures
from intake.results import DocumentReading, Reason
from intake.validate_signatures import Certificates
from intake.worker_process import AnnouncePages

READER = "bench.worker_peak:read_and_tell_peak"


def read_and_tell_peak(
    data: bytes, lookup: FormLookup, today: date, announce_pages: AnnouncePages, trusted: Certificates
) -> DocumentReading:
    """Read a document; the detail of what is returned is the peak in kB, pages shared with other processes included."""
    del announce_pages
    reading = read_without_pictures(data, lookup, today, lambda _: None, trusted)
    if not isinstance(reading, DocumentReading) or not reading.returns:
        raise ValueError("what was read is no return")
    # Not getrusage: its peak is handed on from the process that started this one.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (peak_kb,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return DocumentReading(reading.sha256, Reason.FILE_MEMORY, peak_kb, 0, (), ())
