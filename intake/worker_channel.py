"""How the parent and a worker process talk: frames of one kind byte, eight length bytes and the payload.

Only bytes cross, never a pickled object. The parent's end never blocks, so a worker that stops in the middle of a frame
cannot hold up its parent, and it refuses a frame that is longer than its kind may be.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum

from forms.issued_form import ErasedForm, IssuedPdf, form_from_json, form_to_json, letter_from_json, letter_to_json

_HEADER = struct.Struct(">BQ")
_LENGTHS = struct.Struct(">QQ")
_ERASED = b"erased:"
"""Begins the payload that stands for an erased form; no length that is packed begins so."""
_CHUNK_BYTES = 1 << 18
_MOST_HANDLES = 64


class FrameKind(IntEnum):
    """What a frame carries."""

    DOCUMENT = 1
    """To the worker: the file's bytes."""
    FORM = 2
    """To the worker: the issued form that it asked for, or that it was erased; empty where there is none."""
    LOOKUP = 3
    """From the worker: the form id that a page code names."""
    PAGE_COUNT = 4
    """From the worker: how many pages the file has, in decimal."""
    RESULT = 5
    """From the worker: the reading as JSON."""
    OUT_OF_MEMORY = 6
    """From the worker: its memory limit was reached."""
    CONTENTS = 8
    """From the worker: the opened mail as JSON."""
    FAILURE = 7
    """From the worker: the error that nothing in the reading expected, in words."""


LONGEST_DETAIL_BYTES = 4000
LONGEST_FORM_ID = 64
_LONGEST_FROM_WORKER_BYTES = {
    FrameKind.LOOKUP: LONGEST_FORM_ID,
    FrameKind.PAGE_COUNT: 16,
    FrameKind.RESULT: 512 << 20,
    FrameKind.CONTENTS: 512 << 20,
    FrameKind.OUT_OF_MEMORY: LONGEST_DETAIL_BYTES,
    FrameKind.FAILURE: LONGEST_DETAIL_BYTES,
}


class GarbageError(Exception):
    """The worker sent something that no sound worker sends."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One complete message."""

    kind: FrameKind
    payload: bytes


class ParentChannel:
    """The parent's end: takes what has arrived, sends what there is room for, and never waits."""

    def __init__(self, end: socket.socket) -> None:
        end.settimeout(0)
        self.socket = end
        self.at_end = False
        """Whether the worker has closed its end."""
        self._inbox = bytearray()
        self._outbox = memoryview(b"")

    @property
    def has_to_send(self) -> bool:
        """Whether something waits for the worker to make room."""
        return len(self._outbox) > 0

    def send(self, kind: FrameKind, *parts: bytes) -> None:
        """Queue a frame made of the parts and send as much as there is room for."""
        header = _HEADER.pack(kind, sum(map(len, parts)))
        self._outbox = memoryview(b"".join((self._outbox, header, *parts)))
        self.flush()

    def flush(self) -> None:
        """Send as much of what is queued as there is room for."""
        try:
            while self._outbox:
                self._outbox = self._outbox[self.socket.send(self._outbox) :]
        except BlockingIOError:
            return
        except OSError:
            self._outbox = memoryview(b"")  # the worker is gone; its end says why

    def receive(self) -> list[Frame]:
        """Return frames as soon as some are complete, none when nothing more has arrived; raises `GarbageError`."""
        frames: list[Frame] = []
        while not self.at_end and not frames:
            try:
                chunk = self.socket.recv(_CHUNK_BYTES)
            except BlockingIOError:
                break
            except OSError:
                chunk = b""
            self.at_end = not chunk
            self._inbox += chunk
            while frame := self._next_frame():
                frames.append(frame)
        return frames

    def _next_frame(self) -> Frame | None:
        if len(self._inbox) < _HEADER.size:
            return None
        number, length = _HEADER.unpack_from(self._inbox)
        if length > _longest_bytes(number):
            raise GarbageError(f"frame of kind {number} and {length} bytes")
        end = _HEADER.size + length
        if len(self._inbox) < end:
            return None
        frame = Frame(FrameKind(number), bytes(self._inbox[_HEADER.size : end]))
        del self._inbox[:end]
        return frame


def send_handles(end: socket.socket, handles: Sequence[int]) -> None:
    """Say the first word to a worker, before any frame: a byte that carries open files."""
    with suppress(BrokenPipeError):  # the worker is gone; its end says why
        socket.send_fds(end, [b"\0"], handles)


class WorkerChannel:
    """The worker's end: waits for its parent; raises `EOFError` when the parent is gone."""

    def __init__(self, end: socket.socket) -> None:
        end.settimeout(None)
        self._socket = end

    def receive_handles(self) -> list[int]:
        """Wait for the first word: the open files that it carries, now ours."""
        first, handles, _, _ = socket.recv_fds(self._socket, 1, _MOST_HANDLES)
        if not first:
            raise EOFError("the parent is gone")
        return handles

    def send(self, kind: FrameKind, *parts: bytes) -> None:
        """Send one frame made of the parts."""
        self._socket.sendall(_HEADER.pack(kind, sum(map(len, parts))))
        for part in parts:
            self._socket.sendall(part)

    def receive(self) -> Frame:
        """Wait for one frame."""
        number, length = _HEADER.unpack(self._exactly(_HEADER.size))
        return Frame(FrameKind(number), self._exactly(length))

    def _exactly(self, length: int) -> bytes:
        data = bytearray(length)
        view, filled = memoryview(data), 0
        while filled < length:
            count = self._socket.recv_into(view[filled:])
            if not count:
                raise EOFError("the parent is gone")
            filled += count
        view.release()
        return bytes(data)


def pack_issued(issued: IssuedPdf | ErasedForm | None) -> tuple[bytes, ...]:
    """Return the payload of a FORM frame, in parts."""
    if issued is None:
        return ()
    if isinstance(issued, ErasedForm):
        return (_ERASED + issued.form_id.encode("ascii"),)
    form, letter = form_to_json(issued.form), letter_to_json(issued.letter)
    return _LENGTHS.pack(len(form), len(letter)), form, letter, issued.pdf


def unpack_issued(payload: bytes) -> IssuedPdf | ErasedForm | None:
    """Restore what `pack_issued` made."""
    if not payload:
        return None
    if payload.startswith(_ERASED):
        return ErasedForm(payload.removeprefix(_ERASED).decode("ascii"))
    form_bytes, letter_bytes = _LENGTHS.unpack_from(payload)
    letter_at = _LENGTHS.size + form_bytes
    pdf_at = letter_at + letter_bytes
    return IssuedPdf(
        form_from_json(payload[_LENGTHS.size : letter_at]),
        letter_from_json(payload[letter_at:pdf_at]),
        payload[pdf_at:],
    )


def _longest_bytes(number: int) -> int:
    try:
        return _LONGEST_FROM_WORKER_BYTES[FrameKind(number)]
    except (KeyError, ValueError):
        raise GarbageError(f"frame of unknown kind {number}") from None
