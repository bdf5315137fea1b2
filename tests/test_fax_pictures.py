"""A fax is told by the file itself: by the length of its lines and the shape of its pixels, and by nothing else."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from intake.opening import open_document
from simulation.channels import Scan
from simulation.files import to_pdf, to_tiff


def is_fax(data: bytes) -> bool:
    """Whether the first page of a file is taken for a fax."""
    with open_document(data) as pages:
        return pages.picture(0).fax


def tiff(size: tuple[int, int], dpi: tuple[float, float], mode: str = "1", **how: object) -> bytes:
    """A page as a TIFF: black and white and G4, unless told otherwise."""
    data = BytesIO()
    Image.new(mode, size, 128 if mode == "L" else 1).save(data, "TIFF", dpi=dpi, **{"compression": "group4", **how})
    return data.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        tiff((1728, 1100), (204, 98)),
        tiff((1728, 2200), (204, 196), compression="group3"),
        tiff((1728, 4400), (204, 391)),
        tiff((3456, 4400), (408, 391)),
        tiff((1728, 2200), (203.9, 195.6)),
    ],
    ids=["standard", "fine", "superfine", "ultrafine", "metric"],
)
def test_the_resolutions_of_fax_machines_are_known(data: bytes) -> None:
    """All that ITU-T T.4 defines, G3 or G4, written in inches or rounded from lines a millimetre."""
    assert is_fax(data)


@pytest.mark.parametrize(
    "data",
    [
        tiff((1654, 2339), (200, 200)),
        tiff((1728, 2339), (200, 200)),
        tiff((1728, 2339), (204, 204)),
        tiff((1700, 1100), (204, 98)),
        tiff((1728, 2200), (204, 196), "L", compression="tiff_deflate"),
        tiff((2480, 3508), (300, 300)),
    ],
    ids=["scan", "as wide", "square", "narrower", "grey", "fine scan"],
)
def test_what_a_scanner_makes_is_no_fax(data: bytes) -> None:
    """A scan in black and white stays one, however near its resolution is."""
    assert not is_fax(data)


@pytest.mark.parametrize(("y_dpi", "height_px"), [(98, 1078), (196, 2156)], ids=["standard", "fine"])
def test_a_fax_is_told_in_every_file_that_keeps_its_pixels(y_dpi: int, height_px: int) -> None:
    """As TIFF and as PDF, in which it is some inches wide and no longer says how many pixels an inch has."""
    sheet = Scan(np.full((height_px, 1728), 255, np.uint8), 204, y_dpi, 75, bilevel=True)
    assert is_fax(to_tiff([sheet]))
    assert is_fax(to_pdf([sheet]))
