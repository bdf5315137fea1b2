"""Standings say when something came back first that the machine did not accept, and files whether they were faxed."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the date to standings, which are worked out anew; files that are there count as scans."""

    dependencies: ClassVar = [
        ("registry", "0015_inbox_lines"),
    ]

    operations: ClassVar = [
        migrations.AddField("receivedfile", "fax", models.BooleanField(default=False)),
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
