"""Send a form on paper back, through whichever channel."""

from __future__ import annotations

import numpy as np

from simulation.channels import Channel, Photo, Scan
from simulation.people import FilledPages
from simulation.phone import photograph
from simulation.scanner import scan


def transmit(filled: FilledPages, channel: Channel | Photo, rng: np.random.Generator) -> list[Scan]:
    """Send every page through the channel, in order."""
    if isinstance(channel, Photo):
        return [photograph(page, channel, rng) for page in filled.pages]
    return [scan(page, filled.dpi, channel, rng) for page in filled.pages]
