"""The last two keys that a campaign paid for row by row: the statement that writes them reads what they name (0025)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0008_known'),
    ]

    operations = [
        migrations.AlterField(
            model_name='ratedecision',
            name='establishment',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='accounts.establishment', verbose_name='établissement'),
        ),
        migrations.AlterField(
            model_name='notification',
            name='decision',
            field=models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='notification', to='notifications.ratedecision', verbose_name='décision'),
        ),
    ]
