"""What millions of rows pay for once each: keys that others check, indexes that others double (decision 0017)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_mail_enterprise'),
        ('notifications', '0006_archive'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='stagedrate',
            name='staged_rate_key',
        ),
        migrations.AlterField(
            model_name='notification',
            name='campaign',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='notifications', to='notifications.campaign', verbose_name='campagne'),
        ),
        migrations.AlterField(
            model_name='notification',
            name='enterprise',
            field=models.ForeignKey(db_column='siren', db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.enterprise', verbose_name='entreprise'),
        ),
        migrations.AlterField(
            model_name='notification',
            name='establishment',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.establishment', verbose_name='établissement'),
        ),
        migrations.AlterField(
            model_name='ratedecision',
            name='campaign',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='notifications.campaign', verbose_name='campagne'),
        ),
        migrations.AlterField(
            model_name='ratedecision',
            name='enterprise',
            field=models.ForeignKey(db_column='siren', db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='accounts.enterprise', verbose_name='entreprise'),
        ),
        migrations.AlterField(
            model_name='ratedecision',
            name='establishment',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='accounts.establishment', verbose_name='établissement'),
        ),
        migrations.AlterField(
            model_name='stagedrate',
            name='import_file',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.importfile'),
        ),
        migrations.AddIndex(
            model_name='stagedrate',
            index=models.Index(condition=models.Q(('nature', 'cancellation')), fields=['import_file'], name='staged_cancellation'),
        ),
        migrations.AddIndex(
            model_name='ratedecision',
            index=models.Index(fields=['enterprise'], name='decisions_of_enterprise'),
        ),
    ]
