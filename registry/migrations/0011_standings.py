"""Where each form stands is kept beside the events from which it follows; opening the registry works it out once."""

from typing import Any, ClassVar

import django.db.models.deletion
from django.db import migrations, models


def _decision() -> Any:
    return models.ForeignKey(
        db_index=False,
        null=True,
        on_delete=django.db.models.deletion.CASCADE,
        related_name="+",
        to="registry.humandecision",
    )


class Migration(migrations.Migration):
    """Adds the table of standings."""

    dependencies: ClassVar = [
        ("registry", "0010_pages_placed"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Standing",
            fields=[
                (
                    "issue",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="standing",
                        serialize=False,
                        to="registry.issue",
                    ),
                ),
                ("template", models.CharField(max_length=40)),
                ("status", models.CharField(max_length=16)),
                ("tells", models.BooleanField()),
                ("since", models.DateField()),
                ("waits", models.BooleanField()),
                ("to_ask", models.BooleanField()),
                ("variant", models.CharField(blank=True, max_length=1)),
                ("confirmed", _decision()),
                ("configured", _decision()),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="standings",
                        to="registry.customer",
                    ),
                ),
                ("sent", _decision()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["tells", "status", "since", "issue"], name="standing_by_status"),
                    models.Index(
                        condition=models.Q(("configured", None), ("status", "in_force"), ("tells", True)),
                        fields=["since", "issue"],
                        name="standing_to_set_up",
                    ),
                ],
            },
        ),
    ]
