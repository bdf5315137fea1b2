"""Rows that follow from the events, compared with what they should say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.db.models import Model


def says(row: Model) -> Sequence[object]:
    """All that a row says, column by column."""
    return [getattr(row, field.attname) for field in row._meta.concrete_fields]


def wrong_rows(stored: Iterable[Model], expected: Mapping[int, Model]) -> Iterator[int]:
    """Yield the keys under which there is one row too few or many, or one that says something else than expected."""
    found = {row.pk: row for row in stored}
    for key in sorted(found.keys() | expected.keys()):
        if key not in found or key not in expected or says(found[key]) != says(expected[key]):
            yield key
