"""What is recognised on pages without a form is kept with them; opening the registry compares older pages once."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the table of forms that are recognised on pages, and which pages are still to be compared."""

    dependencies: ClassVar = [
        ("registry", "0017_blind_checks"),
    ]

    operations: ClassVar = [
        migrations.AddField(
            model_name="receivedpage",
            name="is_compared",
            field=models.BooleanField(default=False),
        ),
        migrations.AddIndex(
            model_name="receivedpage",
            index=models.Index(condition=models.Q(("is_compared", False)), fields=["issue"], name="page_to_compare"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(condition=models.Q(("kind", "file.retry")), fields=["sequence"], name="event_retries"),
        ),
        migrations.CreateModel(
            name="PageLikeness",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("score", models.FloatField()),
                ("why", models.TextField()),
                (
                    "issue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="likenesses", to="registry.issue"
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="likenesses",
                        to="registry.receivedpage",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("page", "issue"), name="one_likeness_a_form")],
            },
        ),
    ]
