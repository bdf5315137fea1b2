"""Mails that a person has read and dealt with."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds people's decisions about mails."""

    dependencies: ClassVar = [
        ("registry", "0012_courses"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="MailDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("by", models.TextField()),
                ("at", models.DateTimeField()),
                ("note", models.TextField(blank=True)),
                ("salt", models.CharField(max_length=32)),
                (
                    "mail",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="decision", to="registry.mail"
                    ),
                ),
            ],
        ),
    ]
