"""Rows whose contents were erased say when."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds when a form and a received file were erased."""

    dependencies: ClassVar = [
        ("registry", "0003_arrivals_and_batches"),
    ]

    operations: ClassVar = [
        migrations.AddField(
            model_name="issue",
            name="erased_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="receivedfile",
            name="erased_at",
            field=models.DateTimeField(null=True),
        ),
    ]
