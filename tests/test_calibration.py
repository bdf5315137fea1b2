"""Confidence: curves that never fall, fitted so that no more is claimed than was seen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.calibration import fitted
from intake import calibration
from intake.calibration import Curve

CURVES = {name: value for name, value in vars(calibration).items() if isinstance(value, Curve)} | {
    f"TEXT {name}": curve for name, curve in calibration.TEXT.items()
}
samples = st.lists(st.tuples(st.floats(-3, 3), st.booleans()), min_size=1, max_size=400)


@pytest.mark.parametrize("curve", CURVES.values(), ids=list(CURVES))
def test_a_curve_never_falls_and_is_never_certain(curve: Curve) -> None:
    """More of a measure never makes a reading less likely, and nothing is given 0 or 1."""
    raw = [point[0] for point in curve.points]
    assert raw == sorted(raw)
    given_for = [curve(value) for value in np.linspace(min(raw) - 1, max(raw) + 1, 400)]
    assert given_for == sorted(given_for)
    assert 0 < given_for[0] <= given_for[-1] < 1


def test_a_curve_is_straight_between_its_points_and_level_beyond() -> None:
    """Nothing is claimed beyond what was measured."""
    curve = Curve(((1.0, 0.2), (2.0, 0.6)))
    assert [curve(raw) for raw in (-5.0, 1.0, 1.5, 2.0, 9.0)] == pytest.approx([0.2, 0.2, 0.4, 0.6, 0.6])


@given(samples)
def test_what_is_fitted_never_falls_and_claims_no_more_than_was_seen(seen: list[tuple[float, bool]]) -> None:
    """Whatever was measured, the curve rises, and where nothing was wrong its claim grows with what was seen."""
    points = fitted(seen)
    assert [raw for raw, _ in points] == sorted(raw for raw, _ in points)
    probabilities = [probability for _, probability in points]
    assert probabilities == sorted(probabilities)
    assert max(probabilities) <= (len(seen) + 1.36) / (len(seen) + 2.7)


def test_a_fit_finds_the_rate_it_was_drawn_from() -> None:
    """Samples that are right as often as their measure says are given just that."""
    rng = np.random.default_rng(7)
    raw = rng.uniform(0, 1, 6000)
    curve = Curve(tuple(fitted([(float(value), bool(rng.random() < value)) for value in raw])))
    for value in (0.1, 0.3, 0.5, 0.7, 0.9):
        assert curve(value) == pytest.approx(value, abs=0.08)
