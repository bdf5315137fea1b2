"""Worker processes: a bad document costs itself a clear reason, and nothing else."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import struct
import tempfile
import time
from datetime import date
from pathlib import Path

import pytest
from PIL import Image

from forms.issued_form import Customer, IssuedForm, IssuedPdf, LetterGeometry
from intake.results import DocumentReading, Reason
from intake.worker import ReadingPool, WorkerLimits, read_isolated
from intake.worker_channel import FrameKind

TODAY = date(2026, 11, 23)
LIMITS = WorkerLimits(base_s=10.0, per_page_s=5.0)
SHORT = WorkerLimits(base_s=0.4, per_page_s=0.1)


def nothing_issued(form_id: str) -> IssuedPdf | None:  # noqa: ARG001
    """Know no form."""
    return None


def read(reader: str, data: bytes = b"data", limits: WorkerLimits = LIMITS) -> DocumentReading:
    """Read the data with one of the hostile readers."""
    return read_isolated(data, nothing_issued, TODAY, limits, reader=f"hostile_readers:{reader}")


def issued(form_id: str, pdf: bytes) -> IssuedPdf:
    """Make a form that holds as much as the channel needs."""
    customer = Customer("K-1", "Müller & Söhne", "", "Weg 1", "10179", "Łódź", "", "")
    letter = LetterGeometry("t", 1, "0" * 64, "0" * 64, "de", "T", 1, (), ())
    return IssuedPdf(IssuedForm(form_id, "R", customer, TODAY, TODAY, letter.sha256(), ()), letter, pdf)


def test_a_good_reader_sees_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker has of our environment what it needs, no privileges to gain and no open file but its own channels."""
    monkeypatch.setenv("RUECKLAUF_SECRET", "geheim")
    monkeypatch.setenv("PGPASSWORD", "geheim")
    with tempfile.NamedTemporaryFile() as database:
        reading = read("read_well")
    seen = json.loads(reading.detail)
    assert reading.problem is None
    assert not [key for key in seen["environment"] if key.startswith(("RUECKLAUF", "PG", "DJANGO"))]
    assert "geheim" not in seen["at_start"]
    assert "PATH=" in seen["at_start"]
    assert "HOME=" in Path("/proc/self/environ").read_text()
    assert "HOME=" not in seen["at_start"]
    assert seen["no_new_privileges"]
    assert seen["today"] == "2026-11-23"
    assert database.name not in seen["descriptors"]
    assert os.environ["RUECKLAUF_SECRET"] == "geheim"


@pytest.mark.parametrize(
    ("reader", "reason", "limits"),
    [
        ("hang", Reason.FILE_TIMEOUT, SHORT),
        ("spin", Reason.FILE_TIMEOUT, SHORT),
        ("crash", Reason.FILE_CRASHED, LIMITS),
        ("raise_an_error", Reason.FILE_CRASHED, LIMITS),
        ("leave_silently", Reason.FILE_CRASHED, LIMITS),
        ("lie_about_the_document", Reason.FILE_CRASHED, LIMITS),
        ("lose_a_page", Reason.FILE_CRASHED, LIMITS),
        ("contradict_itself", Reason.FILE_CRASHED, LIMITS),
    ],
)
def test_what_goes_wrong_becomes_a_reason(reader: str, reason: Reason, limits: WorkerLimits) -> None:
    """Every way of failing ends soon, with its own reason, a one-line detail and the document's own hash."""
    began_s = time.monotonic()
    reading = read(reader, limits=limits)
    assert time.monotonic() - began_s < 10
    assert reading.problem is reason
    assert len(reading.detail.splitlines()) == 1
    assert reading.sha256 == hashlib.sha256(b"data").hexdigest()
    assert (reading.page_count, reading.returns, reading.unplaced) == (0, (), ())


def test_memory_is_limited() -> None:
    """A document that eats memory is stopped at its limit and says so."""
    assert read("eat_memory", limits=WorkerLimits(memory_bytes=600 << 20)).problem is Reason.FILE_MEMORY


def test_processor_time_is_limited_when_the_parent_does_not_look() -> None:
    """The kernel ends a spinning worker even while the parent is busy elsewhere."""
    pool = ReadingPool(
        nothing_issued, lambda: TODAY, WorkerLimits(base_s=0.2, per_page_s=0.1), reader="hostile_readers:spin"
    )
    results = pool.read([(1, b"a"), (2, b"b")])
    next(results)
    deadline_s = time.monotonic() + 30
    while multiprocessing.active_children() and time.monotonic() < deadline_s:
        time.sleep(0.05)
    ((_, second),) = results
    assert second.problem is Reason.FILE_TIMEOUT
    assert "processor" in second.detail


def test_a_file_too_large_starts_no_worker() -> None:
    """The size is checked before anything is started."""
    assert read("crash", b"xxxx", WorkerLimits(max_file_bytes=3)).problem is Reason.FILE_TOO_LARGE


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x80\x04pickled" * 10,
        struct.pack(">BQ", FrameKind.RESULT, 1 << 62),
        struct.pack(">BQ", FrameKind.RESULT, 4) + b"null",
        struct.pack(">BQ", FrameKind.DOCUMENT, 1) + b"x",
        struct.pack(">BQ", FrameKind.PAGE_COUNT, 2) + b"xx",
        struct.pack(">BQ", FrameKind.LOOKUP, 2) + b"\xff\xff",
        struct.pack(">BQ", FrameKind.LOOKUP, 2) + b"A\0",
        (struct.pack(">BQ", FrameKind.PAGE_COUNT, 3) + b"500") * 2,
        (struct.pack(">BQ", FrameKind.LOOKUP, 1) + b"A") * 3000,
    ],
)
def test_garbage_from_a_worker_is_recognised(garbage: bytes) -> None:
    """A worker that was taken over can say nothing but frames we check, and is ended for anything else."""
    reading = read("write_garbage", garbage)
    assert reading.problem is Reason.FILE_CRASHED
    assert "garbage" in reading.detail


@pytest.mark.parametrize(("data", "reason"), [(b"", Reason.FILE_EMPTY), (b"%PDF-1.7 broken", Reason.FILE_BROKEN)])
def test_the_real_reader_answers_for_bad_bytes(data: bytes, reason: Reason) -> None:
    """The reader of the product runs in the worker and gives its own reasons."""
    assert read_isolated(data, nothing_issued, TODAY, LIMITS).problem is reason


def test_the_real_reader_reads_a_page(tmp_path: Path) -> None:
    """A page that is none of ours comes back as such, within the worker's limits."""
    Image.new("L", (1654, 2339), 255).save(tmp_path / "page.png", dpi=(200, 200))
    reading = read_isolated((tmp_path / "page.png").read_bytes(), nothing_issued, TODAY, WorkerLimits())
    (page,) = reading.unplaced
    assert (reading.problem, page.page, page.reason) == (None, 1, Reason.PAGE_BLANK)
    assert page.picture_png.startswith(b"\x89PNG")


def test_half_a_frame_does_not_hold_up_the_parent() -> None:
    """A worker that stops in the middle of a frame runs into its own deadline."""
    frame = struct.pack(">BQ", FrameKind.RESULT, 1000) + b"{"
    assert read("write_garbage", frame, SHORT).problem is Reason.FILE_TIMEOUT


def test_a_workers_children_die_with_it(tmp_path: Path) -> None:
    """A text recogniser started by a hanging worker does not stay behind."""
    note = tmp_path / "pid"
    assert (
        read("hang_with_child", str(note).encode(), WorkerLimits(base_s=0.8, per_page_s=0.2)).problem
        is Reason.FILE_TIMEOUT
    )
    state = Path(f"/proc/{note.read_text()}/stat")
    deadline_s = time.monotonic() + 3
    while state.exists() and ") Z " not in state.read_text():
        assert time.monotonic() < deadline_s
        time.sleep(0.01)


def test_nothing_of_a_document_stays_in_a_temporary_folder() -> None:
    """What a worker leaves is removed with it."""
    folder = Path(read("leave_a_file").detail)
    assert folder.name.startswith("reading-")
    assert not folder.exists()


def test_a_parsers_noise_reaches_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    """Standard output stays clean for the JSON lines."""
    assert read("print_a_lot").problem is None
    assert capfd.readouterr() == ("", "")


def test_forms_are_asked_of_the_parent() -> None:
    """The worker gets exactly the form that it names, however large, and nothing for one that is unknown."""
    books = {"A": issued("A", b"%PDF" * 500_000), "B": issued("B", b"")}
    reading = read_isolated(b"A B X A", books.get, TODAY, LIMITS, reader="hostile_readers:ask_for_forms")
    assert json.loads(reading.detail) == {"A": 2_000_000, "B": 0, "X": None}


def test_an_error_of_our_own_in_a_lookup_is_not_the_documents_fault() -> None:
    """A registry that cannot be read stops everything: the document must not be blamed."""

    def broken(form_id: str) -> IssuedPdf | None:  # noqa: ARG001
        raise ConnectionError("registry gone")

    with pytest.raises(ConnectionError):
        read_isolated(b"A", broken, TODAY, LIMITS, reader="hostile_readers:ask_for_forms")


def test_a_stack_gets_time_for_each_page() -> None:
    """The deadline grows with the pages that the worker announces."""
    limits = WorkerLimits(base_s=0.4, per_page_s=0.4, max_pages=20)
    assert read("take_a_while_for_pages", b"20", limits).problem is None
    assert read("take_a_while_for_pages", b"1", limits).problem is Reason.FILE_TIMEOUT


def test_pages_without_number_earn_no_time_without_end() -> None:
    """Claiming a million pages gives no more time than the most pages do."""
    limits = WorkerLimits(base_s=0.4, per_page_s=0.1, max_pages=2)
    assert read("take_a_while_for_pages", b"1000000", limits).problem is Reason.FILE_TIMEOUT


def test_the_pool_reads_every_document_and_forgives_its_caller() -> None:
    """Every key comes back once, and a caller who is slow between two results costs no document its time."""
    limits = WorkerLimits(base_s=1.5, per_page_s=0.0)
    pool = ReadingPool(nothing_issued, lambda: TODAY, limits, reader="hostile_readers:take_a_while")
    problems = {}
    for key, reading in pool.read([("short", b"0"), ("long", b"2.2"), ("waiting", b"0")]):
        problems[key] = reading.problem
        if key == "short":
            time.sleep(1.8)
    assert problems == {"short": None, "long": None, "waiting": None}


def test_a_bad_document_does_not_disturb_its_neighbour() -> None:
    """While one worker crashes the other one finishes."""
    pool = ReadingPool(nothing_issued, lambda: TODAY, LIMITS, reader="hostile_readers:take_a_while")
    problems = {key: reading.problem for key, reading in pool.read([("bad", b"x"), ("good", b"0.1")])}
    assert problems == {"bad": Reason.FILE_CRASHED, "good": None}


def test_closing_the_pool_early_ends_its_workers() -> None:
    """A caller that stops leaves no process behind."""
    pool = ReadingPool(nothing_issued, lambda: TODAY, LIMITS, reader="hostile_readers:take_a_while")
    results = pool.read([(1, b"0.01"), (2, b"1000")])
    assert next(results)[0] == 1
    began_s = time.monotonic()
    results.close()  # type: ignore[attr-defined]
    assert time.monotonic() - began_s < 2


def test_a_worker_costs_a_fork_and_not_an_import() -> None:
    """The libraries are loaded once: a document's own process costs far less than importing them."""
    read("take_a_while", b"0")
    began_s = time.monotonic()
    for _ in range(5):
        assert read("take_a_while", b"0").problem is None
    assert (time.monotonic() - began_s) / 5 < 0.5


def test_a_worker_finds_ready_what_libraries_put_off() -> None:
    """What is loaded only when it is first needed is loaded in the server that workers are forked from."""
    reading = read("read_well")
    assert {"numpy.ma", "PIL.JpegImagePlugin", "tesserocr"} <= set(json.loads(reading.detail)["modules"])
