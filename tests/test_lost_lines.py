"""Lines that a fax lost are told from lines that are alike for other reasons, and mended from what did arrive."""

from __future__ import annotations

import numpy as np
import pytest

from intake.lost_lines import MOST_LINES, mend_lost_lines

WIDE, HIGH = 1728, 400


def written(*, noisy: bool) -> np.ndarray:
    """A page with strokes all over, upright and aslant, beside a frame: scanned with noise, or drawn by a computer."""
    y, x = np.mgrid[:HIGH, :WIDE]
    strokes = ((x + (y // 40) * 7) % 36 < 8) & (x > 100) & (y % 60 < 40)
    frame = ((x - 60) // 4 == 0) | ((y - 10) // 4 == 0)
    flips = np.random.default_rng(4).random((HIGH, WIDE)) < 0.05 if noisy else np.zeros((HIGH, WIDE), dtype=bool)
    return np.where((strokes | frame) ^ (flips & (strokes | frame)), 0, 255).astype(np.uint8)


def with_lost(page: np.ndarray, *lost: tuple[int, int]) -> np.ndarray:
    """The page as it arrives where at some lines so many were lost, and the one before was repeated."""
    received = page.copy()
    for first, count in lost:
        received[first : first + count] = received[first - 1]
    return received


def test_repeated_lines_are_named_and_take_the_nearer_of_their_neighbours() -> None:
    """Half of the gap stays as the line before it, the other half becomes the line after it; no other line changes."""
    page = written(noisy=True)
    received = with_lost(page, (20, 6), (211, 3))
    mended = mend_lost_lines(received)
    assert mended.lines == (slice(20, 26), slice(211, 214))
    assert (mended.grey[20:23] == page[19]).all()
    assert (mended.grey[23:26] == page[26]).all()
    untouched = np.setdiff1d(np.arange(HIGH), [*range(20, 26), *range(211, 214)])
    assert (mended.grey[untouched] == page[untouched]).all()
    assert mended.lines_at(204 / 98) == (slice(41, 55), slice(439, 446))


@pytest.mark.parametrize(
    "received",
    [
        written(noisy=True),
        written(noisy=False),
        with_lost(written(noisy=False), (20, 6)),
        with_lost(written(noisy=True), (20, MOST_LINES + 1)),
        np.full((HIGH, WIDE), 255, np.uint8),
    ],
    ids=["nothing lost", "drawn by a computer", "drawn, and lost", "too much lost", "blank"],
)
def test_whatever_else_repeats_is_left_as_it_came(received: np.ndarray) -> None:
    """Lines that a computer drew alike are no loss, and what may hide a note is not mended."""
    mended = mend_lost_lines(received)
    assert mended.lines == ()
    assert (mended.grey == received).all()
