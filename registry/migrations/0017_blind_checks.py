"""What came of the blind sample is kept beside the events, once the registry is opened; indexes SQLite can use."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

_WAITS = models.Q(is_aside=False)


class Migration(migrations.Migration):
    """Adds the table of blind checks, and empties that of standings: all is worked out anew together."""

    dependencies: ClassVar = [
        ("registry", "0016_doubts_and_faxes"),
    ]

    operations: ClassVar = [
        migrations.RemoveIndex("inboxline", "inbox_order"),
        migrations.RemoveIndex("inboxline", "inbox_template"),
        migrations.RemoveIndex("inboxline", "inbox_states"),
        migrations.RemoveIndex("inboxline", "inbox_reasons"),
        migrations.RemoveIndex("standing", "standing_by_status"),
        migrations.AddIndex(
            "inboxline",
            models.Index(
                fields=["place", "template", "way", "reasons", "drawn", "is_aside"],
                condition=_WAITS,
                name="inbox_order",
            ),
        ),
        migrations.AddIndex(
            "inboxline", models.Index(fields=["template", "place", "is_aside"], condition=_WAITS, name="inbox_template")
        ),
        migrations.AddIndex(
            "inboxline",
            models.Index(fields=["is_clear", "decision", "drawn", "is_aside"], condition=_WAITS, name="inbox_states"),
        ),
        migrations.AddIndex(
            "inboxline", models.Index(fields=["reasons", "is_aside"], condition=_WAITS, name="inbox_reasons")
        ),
        migrations.AddIndex(
            "inboxline",
            models.Index(fields=["place", "is_aside"], condition=models.Q(is_aside=True), name="inbox_aside"),
        ),
        migrations.AddIndex(
            "standing",
            models.Index(
                fields=["status", "since", "issue", "tells"], condition=models.Q(tells=True), name="standing_by_status"
            ),
        ),
        migrations.RunSQL("DELETE FROM registry_standing", migrations.RunSQL.noop),
        migrations.AddIndex("customer", models.Index(fields=["number", "company"], name="customer_search")),
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
