"""What all forms of a letter share is prepared once for all workers, and none of them can change it."""

from __future__ import annotations

import os
from dataclasses import replace

import cv2
import numpy as np
import pytest
from letters import issue

from forms.blank_page import render_blank_pages
from intake import printed_page
from intake.printed_page import SharedPages, shared_pages
from intake.sealed_letters import PreparedLetters, take_over
from intake.worker import ReadingPool, WorkerLimits

ISSUED = issue()


@pytest.fixture
def prepared() -> PreparedLetters:
    """One letter, of which a form was asked for."""
    letters = PreparedLetters()
    letters.note(ISSUED)
    return letters


def test_a_worker_takes_over_what_it_would_prepare_itself(
    prepared: PreparedLetters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same pages under the same key, with all that is derived from them, without being rendered again."""
    (own,) = shared_pages(ISSUED).values()
    monkeypatch.setattr(printed_page, "_shared_pages", SharedPages())
    take_over([os.dup(handle) for handle in prepared.handles()])
    monkeypatch.setattr(printed_page, "render_blank_page", _only_the_customers_part)
    taken = printed_page.printed_page(ISSUED, 1).shared
    for name in ("blank", "printed", "soft", "gaps"):
        assert name in vars(taken)
        assert np.array_equal(getattr(taken, name), getattr(own, name))
    assert np.array_equal(taken.comparable.likeness(own.soft), own.comparable.likeness(own.soft))


def _only_the_customers_part(*arguments: object) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    assert len(arguments) == 5, "the shared part is rendered without regions"
    return np.full(arguments[3], 255, np.uint8)  # type: ignore[call-overload,no-any-return]


def test_nobody_can_change_what_was_handed_over(prepared: PreparedLetters) -> None:
    """The kernel refuses to write there, to cut it off or to take the seals away, to us as to any worker."""
    (handle,) = prepared.handles()
    writable = os.open(f"/proc/self/fd/{handle}", os.O_RDWR)
    try:
        with pytest.raises(PermissionError):
            os.pwrite(writable, b"x", 0)
        with pytest.raises(PermissionError):
            os.ftruncate(writable, 0)
    finally:
        os.close(writable)


def test_a_letter_is_prepared_once(prepared: PreparedLetters) -> None:
    """Each form of it that is asked for later finds it ready."""
    first = prepared.handles()
    prepared.note(issue())
    assert prepared.handles() == first


def test_a_pdf_that_cannot_be_rendered_is_left_to_the_workers() -> None:
    """Whoever reads such a form says what is wrong; the parent goes on."""
    letters = PreparedLetters()
    letters.note(replace(ISSUED, pdf=b"no PDF"))
    assert letters.handles() == []


def test_forms_are_read_alike_whoever_prepared_the_letter() -> None:
    """The first worker prepares the letter itself, the second is handed it: not a bit of what they find differs."""
    page = render_blank_pages(ISSUED.pdf, 150)[0]
    turned = cv2.warpAffine(page, np.array(((1, 0.006, -2.3), (-0.006, 1, 4.4))), page.shape[::-1], borderValue=250)
    png = cv2.imencode(".png", turned)[1].tobytes()
    forms = {ISSUED.form.form_id: ISSUED}
    pool = ReadingPool(forms.get, lambda: ISSUED.form.issued_on, WorkerLimits(), size=1)
    first, second = (reading.returns[0] for _, reading in pool.read([(1, png), (2, png)]))
    assert first == second
    assert first.form_id == ISSUED.form.form_id
