"""Standings say when things happened to a form first; they are worked out anew when the registry is opened."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Empties the table of standings and adds the dates and the indexes."""

    dependencies: ClassVar = [
        ("registry", "0011_standings"),
    ]

    operations: ClassVar = [
        migrations.RunSQL("DELETE FROM registry_standing", migrations.RunSQL.noop),
        migrations.AddField("standing", "issued_on", models.DateField(default="2000-01-01"), preserve_default=False),
        migrations.AddField("standing", "first_sent_on", models.DateField(null=True)),
        migrations.AddField("standing", "first_returned_on", models.DateField(null=True)),
        migrations.AddField("standing", "first_confirmed_on", models.DateField(null=True)),
        migrations.AddIndex(
            "standing",
            models.Index(fields=["template", "tells", "status", "variant"], name="standing_figures"),
        ),
        migrations.AddIndex(
            "standing",
            models.Index(
                fields=["template", "issued_on", "first_sent_on", "first_returned_on", "first_confirmed_on"],
                name="standing_course",
            ),
        ),
        migrations.AddIndex(
            "standing",
            models.Index(condition=models.Q(("waits", True)), fields=["template"], name="standing_waits"),
        ),
    ]
