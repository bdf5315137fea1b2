"""Answers that a person gives without knowing what the machine read."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the kind of decision."""

    dependencies: ClassVar = [
        ("registry", "0007_mails"),
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
    ]
