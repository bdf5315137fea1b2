"""What a customer's withdrawal does to papers that had arrived by then."""

from __future__ import annotations

from datetime import datetime

from registry.models import HumanDecision
from registry.office_time import local_date


def overtaken_by(withdrawal: HumanDecision, received_at: datetime) -> bool:
    """Whether the customer withdrew when this paper had arrived already: then it says nothing any more."""
    return withdrawal.on is not None and withdrawal.on >= local_date(received_at) and withdrawal.at > received_at
