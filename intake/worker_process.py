"""What runs inside a worker process: confine ourselves, read one document, hand over the result, end.

It holds no database handle and no secret, and it keeps nothing: its temporary folder belongs to the parent, which
removes it. Its first act is to lower its own limits, before it touches a byte from outside.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import resource
import signal
import socket
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import cast

from forms.issued_form import ErasedForm, IssuedPdf
from intake.file_names import printable_name
from intake.mail_contents import MailContents, contents_to_json
from intake.packed_reading import pack_reading
from intake.results import DocumentReading
from intake.sealed_letters import take_over
from intake.validate_signatures import Certificates
from intake.worker_channel import LONGEST_DETAIL_BYTES, LONGEST_FORM_ID, FrameKind, WorkerChannel, unpack_issued

FormLookup = Callable[[str], IssuedPdf | ErasedForm | None]
AnnouncePages = Callable[[int], None]
Reader = Callable[[bytes, FormLookup, date, AnnouncePages, Certificates], DocumentReading | MailContents]

THREAD_LIMITS = {"OMP_THREAD_LIMIT": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
_KEPT_ENVIRONMENT = ("PATH", "LANG", "LANGUAGE", "TZ", "TESSDATA_PREFIX", "LD_LIBRARY_PATH")
_KEPT_PREFIXES = ("LC_", "PYTHON")
_PR_SET_NO_NEW_PRIVS = 38
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h
_LARGEST_KEPT_BYTES, _MOST_KEPT_BYTES = 32 << 20, 1 << 30  # the C library takes no more for the first
_ROOM_TO_REPORT_BYTES = 64 << 20
_STATUS_NO_MEMORY = -4  # cv2.Error.StsNoMem


@dataclass(frozen=True, slots=True)
class WorkerJob:
    """What a worker is told when it starts; the document follows through its channel."""

    reader: str
    """`module:function`, a `Reader`."""
    today: date
    temporary_folder: str
    memory_bytes: int
    base_s: float
    per_page_s: float
    max_pages: int
    trusted: tuple[bytes, ...]
    """Certificates that the office trusts."""


def clean_environment() -> dict[str, str]:
    """Return what of our environment a worker may see: nothing that could be a secret."""
    kept = {
        key: value for key, value in os.environ.items() if key in _KEPT_ENVIRONMENT or key.startswith(_KEPT_PREFIXES)
    }
    return kept | THREAD_LIMITS


def run(end: socket.socket, job: WorkerJob) -> None:
    """Read a document or open a mail, and send what was found; the only boundary that catches whatever it raises."""
    _confine(job)
    channel = WorkerChannel(end)
    try:
        result = _read(channel, job)
        if isinstance(result, MailContents):
            channel.send(FrameKind.CONTENTS, contents_to_json(result))
        else:
            channel.send(FrameKind.RESULT, *pack_reading(result))
    except MemoryError as error:
        _report(channel, FrameKind.OUT_OF_MEMORY, error)
    except Exception as error:
        no_memory = getattr(error, "code", None) == _STATUS_NO_MEMORY
        _report(channel, FrameKind.OUT_OF_MEMORY if no_memory else FrameKind.FAILURE, error)


def _read(channel: WorkerChannel, job: WorkerJob) -> DocumentReading | MailContents:
    take_over(channel.receive_handles())
    data = channel.receive().payload
    module, _, function = job.reader.partition(":")
    reader = cast("Reader", getattr(importlib.import_module(module), function))

    def lookup(form_id: str) -> IssuedPdf | ErasedForm | None:
        if not form_id.isascii() or len(form_id) > LONGEST_FORM_ID:
            return None
        channel.send(FrameKind.LOOKUP, form_id.encode("ascii"))
        return unpack_issued(channel.receive().payload)

    def announce_pages(count: int) -> None:
        _allow_cpu_s(job, count)
        channel.send(FrameKind.PAGE_COUNT, str(count).encode("ascii"))

    return reader(data, lookup, job.today, announce_pages, job.trusted)


def _confine(job: WorkerJob) -> None:
    """Give up what a worker does not need; there is no way back."""
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the parent lets the current document end, or kills
    signal.alarm(int(2 * (job.base_s + job.per_page_s * job.max_pages)) + 1)  # should the parent be gone
    _silence()
    kept = clean_environment() | {"TMPDIR": job.temporary_folder}
    os.environ.clear()
    os.environ.update(kept)
    tempfile.tempdir = job.temporary_folder
    os.chdir(job.temporary_folder)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (job.memory_bytes, job.memory_bytes))
    resource.setrlimit(resource.RLIMIT_DATA, (job.memory_bytes, job.memory_bytes + _ROOM_TO_REPORT_BYTES))
    _allow_cpu_s(job, 1)
    ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    keep_freed_memory()
    _one_thread_for_opencv()


def keep_freed_memory() -> None:
    """Keep what is freed for what comes next, for as long as this process lives.

    Pictures come and go by the dozen; fetching the pages of each anew from the kernel takes a sixth of the reading.
    """
    library = ctypes.CDLL(None)
    library.mallopt(_M_MMAP_THRESHOLD, _LARGEST_KEPT_BYTES)
    library.mallopt(_M_TRIM_THRESHOLD, _MOST_KEPT_BYTES)


def _silence() -> None:
    """Send what parsers print to nowhere: standard output belongs to the command that reads."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for handle in (0, 1, 2):
        os.dup2(nowhere, handle)
    os.close(nowhere)


def _allow_cpu_s(job: WorkerJob, pages: int) -> None:
    """Set the processor time that may be used, within what a file of the most pages may use."""
    most_s = int(job.base_s + job.per_page_s * job.max_pages) + 1
    soft_s = int(job.base_s + job.per_page_s * min(pages, job.max_pages)) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft_s, most_s))


def _one_thread_for_opencv() -> None:
    import cv2

    cv2.setNumThreads(1)


def _report(channel: WorkerChannel, kind: FrameKind, error: BaseException) -> None:
    _soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))
    error.__traceback__ = None  # lets go of what the frames held
    detail = printable_name(f"{type(error).__name__}: {error}"[:LONGEST_DETAIL_BYTES])
    channel.send(kind, detail.encode("utf-8")[:LONGEST_DETAIL_BYTES])
