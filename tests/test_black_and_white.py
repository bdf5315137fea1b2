"""The benchmark that draws scores of squares and signatures on one page and sends it through a channel."""

from __future__ import annotations

from collections import Counter

import numpy as np

from bench.black_and_white import signatures, squares


def test_squares_are_drawn_sent_and_read_by_what_they_hold() -> None:
    """On a dark scan nothing is lost: plain marks are marks, whatever fills a square is none."""
    drawn = list(squares("bilevel-dark", np.random.default_rng(1), pale=False))
    counts = Counter((each.kind == "plain mark", each.state == "marked") for each in drawn)
    assert len(drawn) == 72
    assert counts[False, True] == 0
    assert counts[True, True] >= 0.9 * (counts[True, True] + counts[True, False])


def test_signatures_are_drawn_sent_and_read_by_what_they_hold() -> None:
    """Each frame is read by itself: what is signed is present, stamps and capitals are not."""
    drawn = list(signatures("bilevel-dark", np.random.default_rng(1), pale=False))
    states = {(each.kind, each.state) for each in drawn}
    assert len(drawn) == 8
    assert ("signature", "present") in states
    assert not states & {("stamp", "present"), ("capitals", "present")}
