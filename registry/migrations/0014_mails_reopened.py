"""A mail that was dealt with may be taken up again: several decisions about one mail."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the kind of a decision about a mail; all that there are by now say that it is dealt with."""

    dependencies: ClassVar = [
        ("registry", "0013_mails_dealt_with"),
    ]

    operations: ClassVar = [
        migrations.AddField(
            model_name="maildecision",
            name="kind",
            field=models.CharField(
                choices=[("dealt_with", "Dealt With"), ("reopened", "Reopened")], default="dealt_with", max_length=16
            ),
        ),
        migrations.AlterField(
            model_name="maildecision",
            name="mail",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="registry.mail"
            ),
        ),
    ]
