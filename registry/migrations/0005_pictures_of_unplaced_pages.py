"""Pages that belong to no form have pictures too."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the digest of an unplaced page's picture."""

    dependencies: ClassVar = [
        ("registry", "0004_erasing"),
    ]

    operations: ClassVar = [
        migrations.AddField(
            model_name="receivedpage",
            name="picture",
            field=models.CharField(blank=True, max_length=64),
        ),
    ]
