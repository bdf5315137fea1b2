"""Send a form on paper back, through whichever channel."""

from __future__ import annotations

from io import BytesIO

import cv2
import numpy as np
from PIL import Image

from simulation.channels import Channel, Photo, Scan
from simulation.files import to_jpeg
from simulation.paper import Picture
from simulation.people import FilledPages
from simulation.phone import photograph
from simulation.scanner import scan
from simulation.wear import wear_out


def transmit(filled: FilledPages, channel: Channel | Photo, rng: np.random.Generator) -> list[Scan]:
    """Send every page through the channel, in order."""
    worn = [wear_out(page, filled.dpi, channel.wear, rng) for page in filled.pages]
    if isinstance(channel, Photo):
        return [photograph(page, channel, rng) for page in worn]
    if channel.sent_on is not None:
        worn = [_printed_again(scan(page, filled.dpi, channel.sent_on, rng), filled.dpi) for page in worn]
    return [scan(page, filled.dpi, channel, rng) for page in worn]


def _printed_again(sent: Scan, dpi: float) -> Picture:
    """Open the scan that was sent, and print it; returns the page in red, green and blue."""
    picture = np.asarray(Image.open(BytesIO(to_jpeg(sent))).convert("RGB"))
    size = tuple(round(pixels * dpi / sent.x_dpi) for pixels in picture.shape[1::-1])
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR), np.uint8)
