"""A phone's photo of a page: perspective, a desk around it, a shadow across it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from simulation.channels import Photo, Scan
from simulation.paper import Picture

_QUARTERS = {1: 0, 3: 2, 6: 1, 8: 3}
"""EXIF orientation to quarter turns counter-clockwise from the upright picture to the stored one."""


def photograph(page: Picture, photo: Photo, rng: np.random.Generator) -> Scan:
    """Photograph one page; the picture has the proportions 4 : 3, the page fills most of it."""
    height, width = photo.long_side_px, round(photo.long_side_px * 3 / 4)
    desk = _desk(height, width, rng)
    page_height, page_width = page.shape[:2]
    corners = _corners(page_height / page_width, height, width, photo, rng)
    source = np.array([(0, 0), (page_width, 0), (page_width, page_height), (0, page_height)], np.float32)
    matrix = cv2.getPerspectiveTransform(source, corners)
    small = cv2.GaussianBlur(_bulging(page, photo.bulge_mm, rng) if photo.bulge_mm else page, (0, 0), 0.6)
    paper = cv2.warpPerspective(small, matrix, (width, height), flags=cv2.INTER_LINEAR)
    inside = cv2.warpPerspective(np.full(page.shape[:2], 255, np.uint8), matrix, (width, height))
    share = (inside.astype(np.float32) / 255)[..., None]
    tint = np.array(rng.uniform((0.88, 0.87, 0.82), (0.98, 0.96, 0.93)), np.float32)
    # In place: each further picture of this size takes longer to be given room than to be computed.
    picture = paper.astype(np.float32)
    picture *= 0.86
    picture += 28
    picture *= tint
    picture *= share
    desk *= 1 - share
    picture += desk
    picture *= _light(height, width, photo, rng)[..., None]
    picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), photo.blur_px), np.float32)
    noise = rng.standard_normal((height, width, 1), dtype=np.float32)
    noise *= np.float32(photo.noise)
    picture += noise
    stored = np.clip(picture, 0, 255, out=picture).astype(np.uint8)
    orientation = int(photo.exif_orientations[int(rng.integers(len(photo.exif_orientations)))])
    turned = np.ascontiguousarray(np.rot90(stored, _QUARTERS[orientation]))
    return Scan(turned, 72, 72, round(rng.uniform(*photo.jpeg_quality)), exif_orientation=orientation, is_photo=True)


def _bulging(page: Picture, bulge_mm: float, rng: np.random.Generator) -> Picture:
    """Let a letter that was folded in thirds not lie flat: each part leans another way, and lines stray with it."""
    height, width = page.shape[:2]
    knots = rng.uniform(-1, 1, (2, 7)) * bulge_mm * height / 297
    rows = np.linspace(0, 6, height)
    across, down = (np.interp(rows, range(7), values).astype(np.float32)[:, None] for values in knots)
    x = np.arange(width, dtype=np.float32)[None, :] + across
    y = np.arange(height, dtype=np.float32)[:, None] + down * np.linspace(0.4, 1, width, dtype=np.float32)
    return np.asarray(cv2.remap(page, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _desk(height: int, width: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return a wooden desk: grain along one direction, shape (height, width, 3)."""
    grain = cv2.resize(rng.standard_normal((height // 6, 12), dtype=np.float32), (width, height))
    colour = np.array((150, 118, 88), np.float32) * np.float32(rng.uniform(0.6, 1.1))
    desk: NDArray[np.float32] = colour * (1 + np.float32(0.09) * grain[..., None])
    return desk


def _corners(ratio: float, height: int, width: int, photo: Photo, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return where the page's corners come to lie: top left, top right, bottom right, bottom left."""
    page_height = 0.9 * height * rng.uniform(0.95, 1.0)
    page_width = page_height / ratio
    half = np.array([page_width, page_height]) / 2
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half
    angle = np.deg2rad(rng.normal(0, 1.5))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    corners = corners @ turn + (width / 2, height / 2)
    corners += rng.uniform(-photo.tilt, photo.tilt, (4, 2)) * half * 0.8
    inside: NDArray[np.float32] = np.clip(corners, 4, (width - 4, height - 4)).astype(np.float32)
    return inside


def _light(height: int, width: int, photo: Photo, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the light on the desk: a lamp's fall-off and the soft edge of the photographer's shadow."""
    y, x = np.mgrid[0:height:8, 0:width:8].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    across = (x / width - 0.5) * np.cos(angle) + (y / height - 0.5) * np.sin(angle)
    edge, soft = rng.uniform(-0.2, 0.35), rng.uniform(0.02, 0.12)
    shadow = 1 - photo.shadow * rng.uniform(0.4, 1) / (1 + np.exp(-(across - edge) / soft))
    small = (shadow * (1 - 0.15 * across)).astype(np.float32)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
