"""Standings say when something came back first that the machine did not accept; they are worked out anew."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Empties the table of standings, and adds the date to it and to its index."""

    dependencies: ClassVar = [
        ("registry", "0014_mails_reopened"),
    ]

    operations: ClassVar = [
        migrations.RunSQL("DELETE FROM registry_standing", migrations.RunSQL.noop),
        migrations.RemoveIndex("standing", "standing_course"),
        migrations.AddField("standing", "first_doubted_on", models.DateField(null=True)),
        migrations.AddIndex(
            "standing",
            models.Index(
                fields=[
                    "template",
                    "issued_on",
                    "first_sent_on",
                    "first_returned_on",
                    "first_doubted_on",
                    "first_confirmed_on",
                ],
                name="standing_course",
            ),
        ),
    ]
