"""The registry's first tables."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Creates every table."""

    initial = True

    dependencies: ClassVar = []

    operations: ClassVar = [
        migrations.CreateModel(
            name="Customer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=32, unique=True)),
                ("company", models.TextField()),
                ("contact", models.TextField(blank=True)),
                ("street", models.TextField(blank=True)),
                ("postal_code", models.TextField(blank=True)),
                ("city", models.TextField(blank=True)),
                ("country", models.TextField(blank=True)),
                ("email", models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name="ReceivedFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("size", models.PositiveBigIntegerField()),
                ("suffix", models.CharField(max_length=9)),
                ("page_count", models.PositiveIntegerField()),
                ("problem", models.CharField(blank=True, max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("sequence", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=40)),
                ("subject", models.CharField(max_length=80)),
                ("data", models.JSONField()),
                ("actor", models.TextField()),
                ("program_version", models.CharField(max_length=40)),
                ("recorded_at", models.DateTimeField()),
                ("previous_sha256", models.CharField(max_length=64, unique=True)),
                ("sha256", models.CharField(max_length=64, unique=True)),
            ],
            options={
                "indexes": [models.Index(fields=["subject", "sequence"], name="registry_ev_subject_747035_idx")],
            },
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                ("sha256", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("template", models.CharField(max_length=40)),
                ("version", models.PositiveIntegerField()),
                ("template_sha256", models.CharField(max_length=64)),
                ("wording_sha256", models.CharField(max_length=64)),
                ("geometry_json", models.TextField()),
            ],
            options={
                "indexes": [models.Index(fields=["template", "version"], name="registry_le_templat_40a62c_idx")],
            },
        ),
        migrations.CreateModel(
            name="Issue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("form_id", models.CharField(max_length=16, unique=True)),
                ("reference", models.CharField(max_length=40)),
                ("form_json", models.TextField()),
                ("form_sha256", models.CharField(max_length=64)),
                ("pdf_sha256", models.CharField(max_length=64)),
                ("issued_on", models.DateField()),
                ("due_on", models.DateField()),
                ("issued_at", models.DateTimeField()),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="issues", to="registry.customer"
                    ),
                ),
                (
                    "letter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="issues", to="registry.letter"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Arrival",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.TextField()),
                ("channel", models.CharField(max_length=40)),
                ("received_at", models.DateTimeField()),
                ("duplicate", models.BooleanField()),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="arrivals", to="registry.receivedfile"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Return",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("received_at", models.DateTimeField()),
                (
                    "issue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="returns", to="registry.issue"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Reading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reading_json", models.TextField()),
                ("sha256", models.CharField(max_length=64)),
                ("pictures", models.JSONField()),
                ("decision", models.CharField(max_length=16)),
                ("reasons", models.JSONField()),
                ("program_version", models.CharField(max_length=40)),
                ("read_at", models.DateTimeField()),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="readings", to="registry.receivedfile"
                    ),
                ),
                (
                    "answer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="readings", to="registry.return"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReceivedPage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("page", models.PositiveIntegerField()),
                ("form_page", models.PositiveIntegerField(null=True)),
                ("reason", models.CharField(blank=True, max_length=40)),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="pages", to="registry.receivedfile"
                    ),
                ),
                (
                    "issue",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="received_pages",
                        to="registry.issue",
                    ),
                ),
                (
                    "answer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pages",
                        to="registry.return",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("file", "page"), name="one_place_a_page"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answer__isnull", False),
                                ("form_page__isnull", False),
                                ("issue__isnull", False),
                                ("reason", ""),
                            ),
                            models.Q(
                                ("answer__isnull", True),
                                ("form_page__isnull", True),
                                ("issue__isnull", True),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="placed_or_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HumanDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("sent", "Sent"),
                            ("confirmed", "Confirmed"),
                            ("configured", "Configured"),
                            ("withdrawn", "Withdrawn"),
                            ("voided", "Voided"),
                        ],
                        max_length=16,
                    ),
                ),
                ("by", models.TextField()),
                ("at", models.DateTimeField()),
                ("on", models.DateField(null=True)),
                ("variant", models.CharField(blank=True, max_length=1)),
                ("signed_on", models.DateField(null=True)),
                ("in_force_from", models.DateField(null=True)),
                ("note", models.TextField(blank=True)),
                ("salt", models.CharField(max_length=32)),
                (
                    "issue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="registry.issue"
                    ),
                ),
                (
                    "answer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="registry.return",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "confirmed")), fields=("answer",), name="a_return_is_confirmed_once"
                    )
                ],
            },
        ),
    ]
