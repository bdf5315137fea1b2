"""Scanners and fax machines: a sheet on glass or through a feeder, then optics, light, sensor and threshold."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from forms.units import mm_to_px
from simulation.channels import Channel, Mode, Scan
from simulation.paper import Picture

_Image = NDArray[np.float32]

_FAX_WIDTH_PX = 1728


def scan(page: Picture, dpi: float, channel: Channel, rng: np.random.Generator) -> Scan:
    """Scan one page on paper, shape (height, width, 3), RGB."""
    sheet = page if channel.mode is Mode.COLOUR else cv2.cvtColor(page, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)
    image = _dirty(_placed(sheet, dpi, channel, rng), channel, rng)
    exposed = _exposed(image, channel, rng)
    picture = np.clip(exposed, 0, 255, out=exposed).astype(np.uint8)
    if channel.mode is Mode.BILEVEL:
        picture = np.where(picture < rng.uniform(*channel.threshold), np.uint8(0), np.uint8(255))
    if channel.cut_mm[1] > 0:
        picture = _cut(picture, channel, rng)
    if channel.fax:
        picture = _on_fax_lines(picture)
    if channel.lost_lines:
        picture = _over_a_bad_line(picture, channel, rng)
    picture, x_dpi, y_dpi = _turned(picture, channel, rng)
    quality = round(rng.uniform(*channel.jpeg_quality))
    return Scan(picture, x_dpi, y_dpi, quality, bilevel=channel.mode is Mode.BILEVEL)


def _placed(page: Picture, dpi: float, channel: Channel, rng: np.random.Generator) -> _Image:
    """Put the page on the glass: other resolution, scale, skew, shift and the feeder's stretch, in one step."""
    height, width = page.shape[:2]
    across, down = channel.x_dpi / dpi, channel.y_dpi / dpi
    size = (round(width * across), round(height * down))
    resized = cv2.resize(page, size, interpolation=cv2.INTER_AREA if down <= 1 else cv2.INTER_CUBIC)
    matrix = _page_to_glass(size, channel, rng)
    stretch_px = mm_to_px(channel.stretch_mm, channel.y_dpi) * rng.uniform(0, 1)
    lid = (channel.lid_grey,) * 3
    if stretch_px < 0.1:
        placed = cv2.warpAffine(resized, matrix, size, flags=cv2.INTER_CUBIC, borderValue=lid)
    else:
        x, y = _stretched_maps(size, np.asarray(cv2.invertAffineTransform(matrix), np.float64), stretch_px, rng)
        placed = cv2.remap(resized, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=lid)
    blur_mm = rng.uniform(*channel.blur_mm)
    sigmas = mm_to_px(blur_mm, channel.x_dpi), mm_to_px(blur_mm, channel.y_dpi)
    blurred = cv2.GaussianBlur(placed, (0, 0), sigmaX=max(0.2, sigmas[0]), sigmaY=max(0.2, sigmas[1]))
    return blurred.astype(np.float32)


def _page_to_glass(size: tuple[int, int], channel: Channel, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the 2 × 3 matrix from the page's pixels to the scan's; skew is an angle on paper, not of pixels."""
    angle, scale = np.deg2rad(rng.uniform(*channel.skew_deg)), rng.uniform(*channel.scale)
    aspect = channel.x_dpi / channel.y_dpi
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    linear = np.array([[cos, -sin * aspect], [sin / aspect, cos]])
    shift_mm = rng.uniform(-channel.shift_mm, channel.shift_mm, 2)
    centre = np.array(size) / 2
    offset = centre - linear @ centre + (mm_to_px(shift_mm[0], channel.x_dpi), mm_to_px(shift_mm[1], channel.y_dpi))
    return np.hstack([linear, offset[:, None]])


def _stretched_maps(
    size: tuple[int, int], back: NDArray[np.float64], stretch_px: float, rng: np.random.Generator
) -> tuple[_Image, _Image]:
    width, height = size
    x = np.arange(width, dtype=np.float32)[None, :]
    rows = np.arange(height, dtype=np.float32)
    waves, phase = rng.uniform(0.5, 2.5), rng.uniform(0, 2 * np.pi)
    y = (rows + stretch_px * np.sin(2 * np.pi * waves * rows / height + phase).astype(np.float32))[:, None]
    return _plane(back[0].astype(np.float32), x, y), _plane(back[1].astype(np.float32), x, y)


def _plane(factors: _Image, x: _Image, y: _Image) -> _Image:
    plane = np.asarray(factors[0] * x + factors[1] * y, dtype=np.float32)
    plane += factors[2]
    return plane


def _exposed(image: _Image, channel: Channel, rng: np.random.Generator) -> _Image:
    """Turn paper and ink into the sensor's brightness, in place: contrast, uneven light and noise."""
    height, width = image.shape[:2]
    gain = (channel.paper_grey - channel.ink_grey) / 255
    ends = 1 - channel.uneven_light * rng.uniform(0, 1, 4)
    light = np.linspace(ends[0], ends[1], height, dtype=np.float32)[:, None] * np.linspace(
        ends[2], ends[3], width, dtype=np.float32
    )
    noise = rng.standard_normal((height, width), dtype=np.float32)
    noise *= np.float32(channel.noise)
    if image.ndim == 3:
        light, noise = light[..., None], noise[..., None]
    # In place: each further picture of this size takes longer to be given room than to be computed.
    image *= np.float32(gain)
    image += np.float32(channel.ink_grey)
    image *= light
    image += noise
    return image


def _dirty(image: _Image, channel: Channel, rng: np.random.Generator) -> _Image:
    """Lay dust, streaks and punch holes on the picture, in place."""
    height, width = image.shape[:2]
    for _ in range(rng.integers(0, channel.dust + 1)):
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        radii = [max(1, round(mm_to_px(radius, channel.x_dpi) / 2)) for radius in rng.exponential(0.2, 2)]
        cv2.ellipse(image, centre, (radii[0], radii[1]), 0, 0, 360, (float(rng.uniform(60, 200)),) * 3, -1)
    for _ in range(rng.integers(0, channel.streaks + 1)):
        x, wide = int(rng.integers(width)), max(1, round(mm_to_px(0.12, channel.x_dpi)))
        image[:, x : x + wide] *= np.float32(rng.uniform(0.55, 0.9))
    if channel.punch_holes:
        _punch(image, channel, rng)
    return image


def _punch(image: _Image, channel: Channel, rng: np.random.Generator) -> None:
    """Show the holes of a German punch, 80 mm apart and 12 mm from the edge, as shadows on the lid."""
    aside_mm = 12 + rng.normal(0, 0.8)
    middle_mm = 148.5 + rng.normal(0, 2)
    for y_mm in (middle_mm - 40, middle_mm + 40):
        centre = (round(mm_to_px(aside_mm, channel.x_dpi)), round(mm_to_px(y_mm, channel.y_dpi)))
        radii = (round(mm_to_px(2.75, channel.x_dpi)), round(mm_to_px(2.75, channel.y_dpi)))
        cv2.ellipse(image, centre, radii, 0, 0, 360, (205.0,) * 3, -1)
        cv2.ellipse(image, centre, radii, 0, 150, 300, (110.0,) * 3, max(1, round(mm_to_px(0.3, channel.x_dpi))))


def _on_fax_lines(picture: Picture) -> Picture:
    missing = _FAX_WIDTH_PX - picture.shape[1]
    left = missing // 2
    return cv2.copyMakeBorder(picture, 0, 0, left, missing - left, cv2.BORDER_CONSTANT, value=255)  # type: ignore[return-value]


def _cut(picture: Picture, channel: Channel, rng: np.random.Generator) -> Picture:
    """Leave out a strip at one of the four edges."""
    cut_mm, edge = float(rng.uniform(*channel.cut_mm)), int(rng.integers(4))
    rows, columns = round(mm_to_px(cut_mm, channel.y_dpi)), round(mm_to_px(cut_mm, channel.x_dpi))
    parts = (picture[rows:], picture[:-rows], picture[:, columns:], picture[:, :-columns])
    return np.ascontiguousarray(parts[edge])


def _over_a_bad_line(picture: Picture, channel: Channel, rng: np.random.Generator) -> Picture:
    """Repeat the line before each burst of lost ones."""
    received = picture.copy()
    for _ in range(int(rng.integers(1, channel.lost_lines + 1))):
        y, lost = int(rng.integers(1, len(picture) - 8)), int(rng.integers(1, 7))
        received[y : y + lost] = received[y - 1]
    return received


def _turned(picture: Picture, channel: Channel, rng: np.random.Generator) -> tuple[Picture, int, int]:
    quarter = channel.orientations[int(rng.integers(len(channel.orientations)))] // 90
    turned = np.ascontiguousarray(np.rot90(picture, -quarter))
    if quarter % 2:
        return turned, channel.y_dpi, channel.x_dpi
    return turned, channel.x_dpi, channel.y_dpi
