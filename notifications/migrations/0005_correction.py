"""A decision may cancel another, and says why it was taken."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_calculation'),
        ('notifications', '0004_legal'),
    ]

    operations = [
        migrations.AddField(
            model_name='ratedecision',
            name='nature',
            field=models.CharField(choices=[('rate', 'Taux'), ('cancellation', 'Annulation')], db_default='rate', default='rate', max_length=12, verbose_name='nature'),
        ),
        migrations.AddField(
            model_name='ratedecision',
            name='reason',
            field=models.CharField(blank=True, db_default='', default='', max_length=300, verbose_name='motif'),
        ),
        migrations.AddField(
            model_name='stagedrate',
            name='nature',
            field=models.CharField(db_default='rate', max_length=12),
        ),
        migrations.AddField(
            model_name='stagedrate',
            name='reason',
            field=models.CharField(db_default='', max_length=300),
        ),
        migrations.AddConstraint(
            model_name='ratedecision',
            constraint=models.CheckConstraint(condition=models.Q(('nature', 'rate'), models.Q(('nature', 'cancellation'), ('version__gt', 1), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='decision_cancels_another', violation_error_message='Une annulation remplace une décision, et dit pourquoi.'),
        ),
    ]
