"""How files first came: whatever comes again under another name is the same file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from registry.models import Arrival


def first_arrivals(files: Iterable[int]) -> Mapping[int, Arrival]:
    """The first arrival of each of these files, by the file's key."""
    return {arrival.file_id: arrival for arrival in Arrival.objects.filter(file__in=set(files), duplicate=False)}
