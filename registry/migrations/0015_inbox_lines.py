"""What the inbox lists is kept beside the events from which it follows; opening the registry works it out once."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the table of the inbox's lines, and empties that of standings: both are worked out anew together."""

    dependencies: ClassVar = [
        ("registry", "0014_mails_reopened"),
    ]

    operations: ClassVar = [
        migrations.RunSQL("DELETE FROM registry_standing", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="InboxLine",
            fields=[
                (
                    "answer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="inbox_line",
                        serialize=False,
                        to="registry.return",
                    ),
                ),
                ("template", models.CharField(max_length=40)),
                ("is_aside", models.BooleanField()),
                ("decision", models.CharField(max_length=16)),
                ("reasons", models.TextField()),
                ("drawn", models.PositiveBigIntegerField()),
                ("way", models.CharField(max_length=8)),
                ("file_name", models.TextField()),
                ("received_at", models.DateTimeField()),
                ("is_sound", models.BooleanField()),
                ("is_clear", models.BooleanField()),
                ("place", models.CharField(max_length=35)),
                ("words", models.TextField()),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="inbox_lines",
                        to="registry.customer",
                    ),
                ),
                (
                    "issue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="inbox_lines", to="registry.issue"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["is_aside", "place", "template", "way", "reasons", "drawn"], name="inbox_order"
                    ),
                    models.Index(fields=["is_aside", "template", "place"], name="inbox_template"),
                    models.Index(fields=["is_aside", "is_clear", "decision", "drawn"], name="inbox_states"),
                    models.Index(fields=["is_aside", "reasons"], name="inbox_reasons"),
                ],
            },
        ),
    ]
