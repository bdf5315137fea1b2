"""Which returns belong to the blind sample, if they are clear (`registry.blind_sample`)."""

from __future__ import annotations

import hashlib
import math

from django.conf import settings

_NUMBERS = 2**32


def draw(reading_sha256: str) -> int:
    """The number that is drawn for a return with this reading, from 0 and below 2 to the power of 32.

    It follows from the digest: nobody can choose it, and looking again changes nothing.
    """
    drawn = hashlib.sha256(f"blind sample {reading_sha256}".encode()).digest()
    return int.from_bytes(drawn[:4], "big")


def sampled_below() -> int:
    """Returns for which a smaller number than this was drawn are asked blind: the share that the settings say."""
    return math.ceil(settings.REGISTRY_BLIND_SHARE * _NUMBERS)
