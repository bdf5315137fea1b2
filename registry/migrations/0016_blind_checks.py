"""What came of the blind sample is kept beside the events; opening the registry works it out once."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the table of blind checks, and empties that of standings: all is worked out anew together."""

    dependencies: ClassVar = [
        ("registry", "0015_inbox_lines"),
    ]

    operations: ClassVar = [
        migrations.RunSQL("DELETE FROM registry_standing", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="BlindCheck",
            fields=[
                (
                    "answer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="blind_check",
                        serialize=False,
                        to="registry.return",
                    ),
                ),
                ("read", models.CharField(blank=True, max_length=1)),
                ("seen", models.CharField(blank=True, max_length=1)),
                ("is_decided", models.BooleanField()),
                ("counts", models.CharField(blank=True, max_length=1)),
                (
                    "issue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="blind_checks",
                        to="registry.issue",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["is_decided", "read", "seen", "counts"], name="blind_figures"),
                ],
            },
        ),
    ]
