"""Runs of issuing that can go on after a stop, and arrivals that are booked once however often they are met."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds batches, and what arrivals and received files say of themselves."""

    dependencies: ClassVar = [
        ("registry", "0002_events_are_append_only"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("template", models.CharField(max_length=40)),
                ("version", models.PositiveIntegerField()),
                ("list_sha256", models.CharField(max_length=64)),
                ("reissue", models.BooleanField()),
                ("seed", models.CharField(max_length=64)),
                ("issued_on", models.DateField()),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="arrival",
            name="entry",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name="receivedfile",
            name="detail",
            field=models.TextField(blank=True),
        ),
        migrations.AddConstraint(
            model_name="arrival",
            constraint=models.UniqueConstraint(
                condition=models.Q(("entry", ""), _negated=True),
                fields=("file", "entry"),
                name="an_arrival_is_booked_once",
            ),
        ),
        migrations.AddField(
            model_name="issue",
            name="batch",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="issues", to="registry.batch"
            ),
        ),
    ]
