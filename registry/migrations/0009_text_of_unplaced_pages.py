"""Pages that belong to no form say what was recognised on them, and forms are found by their readable code."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the text of an unplaced page, and an index on the forms' readable code."""

    dependencies: ClassVar = [
        ("registry", "0008_blind_answers"),
    ]

    operations: ClassVar = [
        migrations.AddField(
            model_name="receivedpage",
            name="text",
            field=models.TextField(blank=True),
        ),
        migrations.AddIndex(
            model_name="issue",
            index=models.Index(fields=["reference"], name="registry_is_referen_bd4194_idx"),
        ),
    ]
