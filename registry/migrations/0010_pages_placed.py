"""What people decide about pages: whose they are, or that they are nobody's; returns whose pages are another form's."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds decisions about pages, and the kind of decision that moves a return."""

    dependencies: ClassVar = [
        ("registry", "0009_text_of_unplaced_pages"),
    ]

    operations: ClassVar = [
        migrations.AlterField(
            model_name="humandecision",
            name="kind",
            field=models.CharField(
                choices=[
                    ("sent", "Sent"),
                    ("confirmed", "Confirmed"),
                    ("asked", "Asked"),
                    ("not_ours", "Not Ours"),
                    ("moved", "Moved"),
                    ("set_aside", "Set Aside"),
                    ("reopened", "Reopened"),
                    ("blind", "Blind"),
                    ("configured", "Configured"),
                    ("withdrawn", "Withdrawn"),
                    ("voided", "Voided"),
                ],
                max_length=16,
            ),
        ),
        migrations.CreateModel(
            name="PageDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("placed", "Placed"),
                            ("not_ours", "Not Ours"),
                            ("blank", "Blank"),
                            ("reopened", "Reopened"),
                        ],
                        max_length=16,
                    ),
                ),
                ("form_page", models.PositiveIntegerField(null=True)),
                ("by", models.TextField()),
                ("at", models.DateTimeField()),
                ("note", models.TextField(blank=True)),
                ("salt", models.CharField(max_length=32)),
                (
                    "answer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="placed",
                        to="registry.return",
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="registry.receivedpage",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("answer__isnull", False), ("form_page__isnull", False), ("kind", "placed"))
                        | (
                            ~models.Q(("kind", "placed"))
                            & models.Q(("answer__isnull", True), ("form_page__isnull", True))
                        ),
                        name="placed_with_a_return",
                    ),
                ],
            },
        ),
    ]
