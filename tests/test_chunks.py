"""Reading a large table piece by piece leaves nothing out and gives nothing twice."""

from __future__ import annotations

import pytest

from registry.chunks import CHUNK, in_chunks
from registry.models import Customer


@pytest.mark.django_db
@pytest.mark.parametrize("count", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK])
def test_every_row_comes_once_and_in_order(count: int) -> None:
    """Whatever the size, and by whichever unique column, no chunk is too long and all rows come in order."""
    Customer.objects.bulk_create(Customer(number=f"K-{index * 7919 % 1_000_003:07d}") for index in range(count))
    for key in ("pk", "number"):
        chunks = list(in_chunks(Customer.objects.all(), key))
        assert all(0 < len(chunk) <= CHUNK for chunk in chunks)
        found = [row.pk for chunk in chunks for row in chunk]
        assert found == list(Customer.objects.order_by(key).values_list("pk", flat=True))
