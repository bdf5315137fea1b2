"""Which returns belong to the blind sample, if they are clear (`registry.blind_sample`)."""

from __future__ import annotations

import hashlib

from django.conf import settings


def is_sampled(reading_sha256: str) -> bool:
    """Whether a return with this reading is asked blind.

    It follows from the digest: nobody can choose which, and looking again changes nothing.
    """
    drawn = hashlib.sha256(f"blind sample {reading_sha256}".encode()).digest()
    return int.from_bytes(drawn[:4], "big") < settings.REGISTRY_BLIND_SHARE * 2**32
