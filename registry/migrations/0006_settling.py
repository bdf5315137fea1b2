"""Decisions that settle a return without confirming it, and their being taken back; what a person read beside it."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds place and name as read by a person; a return may be confirmed again once that was taken back."""

    dependencies: ClassVar = [
        ("registry", "0005_pictures_of_unplaced_pages"),
    ]

    operations: ClassVar = [
        migrations.RemoveConstraint(
            model_name="humandecision",
            name="a_return_is_confirmed_once",
        ),
        migrations.AddField(
            model_name="humandecision",
            name="place",
            field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="humandecision",
            name="signer",
            field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
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
                    ("configured", "Configured"),
                    ("withdrawn", "Withdrawn"),
                    ("voided", "Voided"),
                ],
                max_length=16,
            ),
        ),
    ]
