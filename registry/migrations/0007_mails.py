"""Mails with their headers, their words and their parts."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds mails and the parts of mails."""

    dependencies: ClassVar = [
        ("registry", "0006_settling"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Mail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sender", models.TextField(blank=True)),
                ("sender_name", models.TextField(blank=True)),
                ("subject", models.TextField(blank=True)),
                ("message_id", models.TextField(blank=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("text", models.TextField(blank=True)),
                ("mentions", models.JSONField(default=list)),
                ("reason", models.CharField(blank=True, max_length=40)),
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="mail", to="registry.receivedfile"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MailPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("name", models.TextField()),
                ("kind", models.CharField(max_length=20)),
                ("size", models.PositiveBigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                (
                    "arrival",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mail_part",
                        to="registry.arrival",
                    ),
                ),
                (
                    "mail",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="parts", to="registry.mail"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["mail", "number"], name="one_row_a_part"),
                    models.CheckConstraint(
                        condition=models.Q(("arrival__isnull", False), ("kind", "document"))
                        | (~models.Q(("kind", "document")) & models.Q(("arrival__isnull", True))),
                        name="documents_arrive",
                    ),
                ],
            },
        ),
    ]
