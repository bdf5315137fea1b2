"""How a page gets back: what scanners, fax machines and phones there are, and what they do to a picture on the way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from simulation.paper import Picture
from simulation.printer import INK_JET, WORN_LASER, Printer
from simulation.wear import Wear

Range = tuple[float, float]
"""From, to: every page draws its own value in between."""

_NONE: Range = (0.0, 0.0)
_GOOD_LASER = Printer()
_NO_WEAR = Wear()


class Mode(Enum):
    """What a scanner keeps of the colours."""

    COLOUR = "colour"
    GREY = "grey"
    BILEVEL = "bilevel"


@dataclass(frozen=True, slots=True)
class Channel:
    """The way of a page from the customer's printer to the scanner or fax; the defaults are good and a flat-bed."""

    x_dpi: int = 200
    y_dpi: int = 200
    mode: Mode = Mode.GREY
    threshold: Range = (128.0, 128.0)
    """Of a bilevel scan: what is darker becomes black."""
    scale: Range = (1.0, 1.0)
    """Below 1: printed or scanned 'fit to page'."""
    skew_deg: Range = _NONE
    shift_mm: float = 0.0
    """The page lies up to this far from its place, in each direction."""
    orientations: tuple[int, ...] = (0,)
    """Quarter turns clockwise, in degrees, one of which is drawn."""
    stretch_mm: float = 0.0
    """A feeder pulls unevenly: lines come to lie up to this far from their place along the page."""
    blur_mm: Range = (0.04, 0.04)
    noise: float = 2.0
    """Deviation of a pixel's brightness, in grey levels."""
    ink_grey: float = 25.0
    """Brightness of the darkest print."""
    paper_grey: float = 250.0
    lid_grey: float = 250.0
    """Brightness beside the paper."""
    uneven_light: float = 0.0
    """How much darker one end of the page may be, as a share."""
    dust: int = 0
    """Up to so many specks a page."""
    streaks: int = 0
    """Up to so many lines along the feeder's way."""
    punch_holes: bool = False
    jpeg_quality: Range = (85.0, 85.0)
    """Used where the scan is stored as JPEG."""
    cut_mm: Range = _NONE
    """So much of the page, at one edge, did not get into the picture."""
    fax: bool = False
    """The lines are laid on a fax machine's 1728 pixels."""
    lost_lines: int = 0
    """Up to so many bursts of scan lines that a bad telephone line lost; the machine repeats the line before."""
    printer: Printer = _GOOD_LASER
    wear: Wear = _NO_WEAR
    sent_on: Channel | None = None
    """How the page was scanned before, to be sent by e-mail and printed again; None where this is the first scan."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A page photographed by hand, lying on a desk."""

    long_side_px: int = 3000
    tilt: float = 0.05
    """How far a corner may leave its place in the picture, as a share of its side."""
    shadow: float = 0.35
    """Depth of the shadow across the page, as a share."""
    blur_px: float = 1.0
    noise: float = 4.0
    jpeg_quality: Range = (75.0, 92.0)
    exif_orientations: tuple[int, ...] = (1, 3, 6, 8)
    """How the phone may have been held (the values of the EXIF tag); the stored picture is turned accordingly."""
    bulge_mm: float = 0.0
    """How far the folds of a letter let its lines stray in the picture."""
    printer: Printer = _GOOD_LASER
    wear: Wear = _NO_WEAR


@dataclass(frozen=True, slots=True)
class Scan:
    """One page as it was received."""

    image: Picture
    """Shape (height, width) for grey and bilevel (0 and 255 only), (height, width, 3) RGB for colour."""
    x_dpi: int
    y_dpi: int
    jpeg_quality: int
    bilevel: bool = False
    exif_orientation: int = 1
    is_photo: bool = False


_OFFICE = Channel(
    scale=(0.97, 1.0),
    skew_deg=(-1.2, 1.2),
    shift_mm=2.0,
    stretch_mm=0.15,
    blur_mm=(0.03, 0.07),
    noise=3.0,
    uneven_light=0.05,
    dust=6,
    jpeg_quality=(60.0, 92.0),
)

PRESETS: dict[str, Channel | Photo] = {
    "clean": Channel(),
    "office-100": replace(_OFFICE, x_dpi=100, y_dpi=100),
    "office-150": replace(_OFFICE, x_dpi=150, y_dpi=150),
    "office-200": _OFFICE,
    "office-300": replace(_OFFICE, x_dpi=300, y_dpi=300),
    "office-600": replace(_OFFICE, x_dpi=600, y_dpi=600),
    "colour-200": replace(_OFFICE, mode=Mode.COLOUR),
    "colour-300": replace(_OFFICE, x_dpi=300, y_dpi=300, mode=Mode.COLOUR),
    "bilevel-200": replace(_OFFICE, mode=Mode.BILEVEL, threshold=(120.0, 170.0)),
    "bilevel-300": replace(_OFFICE, x_dpi=300, y_dpi=300, mode=Mode.BILEVEL, threshold=(120.0, 170.0)),
    "bilevel-light": replace(_OFFICE, mode=Mode.BILEVEL, threshold=(85.0, 95.0)),
    "bilevel-dark": replace(_OFFICE, mode=Mode.BILEVEL, threshold=(200.0, 215.0)),
    "skewed": replace(_OFFICE, skew_deg=(-5.0, 5.0), scale=(0.93, 0.97)),
    "fit-to-page": replace(_OFFICE, scale=(0.92, 1.0)),
    "turned": replace(_OFFICE, orientations=(90, 180, 270)),
    "upside-down": replace(_OFFICE, orientations=(180,)),
    "dirty": replace(
        _OFFICE, dust=60, streaks=3, punch_holes=True, noise=6.0, uneven_light=0.15, jpeg_quality=(30.0, 50.0)
    ),
    "feeder": replace(_OFFICE, stretch_mm=0.5, streaks=1, skew_deg=(-2.0, 2.0)),
    "fax-standard": replace(
        _OFFICE, x_dpi=204, y_dpi=98, mode=Mode.BILEVEL, threshold=(120.0, 160.0), stretch_mm=0.3, fax=True
    ),
    "fax-fine": replace(
        _OFFICE, x_dpi=204, y_dpi=196, mode=Mode.BILEVEL, threshold=(120.0, 160.0), stretch_mm=0.3, fax=True
    ),
    "photo": Photo(),
    "ink-jet": replace(_OFFICE, printer=INK_JET),
    "worn-laser": replace(_OFFICE, mode=Mode.COLOUR, printer=WORN_LASER),
    "off-centre": replace(_OFFICE, scale=(0.95, 1.0), shift_mm=4.5),
    "jpeg-30": replace(_OFFICE, mode=Mode.COLOUR, jpeg_quality=(30.0, 45.0)),
    "folded": replace(_OFFICE, wear=Wear(folded=True)),
    "stapled": replace(_OFFICE, punch_holes=True, wear=Wear(stapled=True)),
    "show-through": replace(_OFFICE, wear=Wear(show_through=(0.04, 0.12))),
    "bilevel-folded": replace(_OFFICE, mode=Mode.BILEVEL, threshold=(120.0, 170.0), wear=Wear(folded=True)),
    "coffee": replace(_OFFICE, mode=Mode.COLOUR, wear=Wear(coffee=True)),
    "cut-edge": replace(_OFFICE, cut_mm=(3.0, 11.0)),
    "sent-on": replace(_OFFICE, sent_on=replace(_OFFICE, x_dpi=150, y_dpi=150, jpeg_quality=(50.0, 75.0))),
    "fax-bad-line": replace(
        _OFFICE, x_dpi=204, y_dpi=196, mode=Mode.BILEVEL, threshold=(120.0, 160.0), fax=True, lost_lines=12
    ),
    "photo-folded": Photo(bulge_mm=1.5, wear=Wear(folded=True)),
    "photo-steep": Photo(tilt=0.12, shadow=0.5),
    "photo-blurred": Photo(blur_px=2.0, noise=7.0, jpeg_quality=(60.0, 80.0)),
}
"""Channels by name."""

STORIES: dict[str, str] = {
    "clean": "Flat-bed, 200 dpi, without any fault.",
    "office-100": "Office scanner, 100 dpi, grey.",
    "office-150": "Office scanner, 150 dpi, grey.",
    "office-200": "Office scanner, 200 dpi, grey.",
    "office-300": "Office scanner, 300 dpi, grey.",
    "office-600": "Office scanner, 600 dpi, grey.",
    "colour-200": "Office scanner, 200 dpi, colour.",
    "colour-300": "Office scanner, 300 dpi, colour.",
    "bilevel-200": "Black and white, 200 dpi.",
    "bilevel-300": "Black and white, 300 dpi.",
    "bilevel-light": "Black and white, set so light that thin lines vanish.",
    "bilevel-dark": "Black and white, set so dark that lines swell.",
    "skewed": "Askew by up to 5°, and shrunk.",
    "fit-to-page": "Printed “fit to page”: 92 to 100 % of its size.",
    "turned": "Scanned sideways or upside down.",
    "upside-down": "Scanned upside down.",
    "dirty": "Dust, streaks, punch holes, JPEG of poor quality.",
    "feeder": "Document feeder: stretched lines and a streak.",
    "fax-standard": "Fax at standard resolution, 204 × 98 dpi.",
    "fax-fine": "Fax at fine resolution, 204 × 196 dpi.",
    "photo": "Phone photo with perspective and shadow.",
    "ink-jet": "Printed by an ink-jet: pale, bleeding, banded.",
    "worn-laser": "Printed by a laser printer with a worn drum.",
    "off-centre": "Printed or laid off its place by up to 4.5 mm.",
    "jpeg-30": "Colour scan, strongly compressed (JPEG 30 to 45).",
    "folded": "Folded for an envelope.",
    "stapled": "Stapled in the corner, and punched.",
    "show-through": "The print of the back shows through.",
    "bilevel-folded": "Folded, and scanned in black and white.",
    "coffee": "Stained by a cup of coffee.",
    "cut-edge": "3 to 11 mm at one edge are not in the picture.",
    "sent-on": "Scanned, e-mailed, printed and scanned again.",
    "fax-bad-line": "Fine fax over a bad line: some scan lines are lost.",
    "photo-folded": "Phone photo of a folded letter that does not lie flat.",
    "photo-steep": "Phone photo, taken from aside, with a deep shadow.",
    "photo-blurred": "Phone photo, out of focus.",
}
"""What each channel is, in a few words."""
