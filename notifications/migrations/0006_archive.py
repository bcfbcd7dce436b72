"""Archives of the documents of a year."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_calculation'),
        ('notifications', '0005_correction'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DocumentArchive',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField(verbose_name="année d'effet")),
                ('notifications', models.JSONField(verbose_name='notifications')),
                ('total', models.PositiveIntegerField(verbose_name='documents')),
                ('done', models.PositiveIntegerField(default=0, verbose_name='documents faits')),
                ('status', models.CharField(choices=[('ordered', 'En cours'), ('done', 'Prête'), ('failed', 'Échouée'), ('forgotten', 'Effacée')], default='ordered', max_length=9, verbose_name='état')),
                ('file', models.CharField(blank=True, max_length=100, verbose_name='fichier')),
                ('size', models.PositiveBigIntegerField(default=0, verbose_name='taille en octets')),
                ('created_at', models.DateTimeField(verbose_name='demandée le')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='prête le')),
                ('enterprise', models.ForeignKey(db_column='siren', on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.enterprise', verbose_name='entreprise')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='document_archives', to=settings.AUTH_USER_MODEL, verbose_name='demandée par')),
            ],
            options={
                'verbose_name': 'archive de documents',
                'verbose_name_plural': 'archives de documents',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['status', 'ended_at'], name='archives_by_state')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'ordered')), fields=('user',), name='one_archive_at_a_time', violation_error_message='Une archive est déjà en cours.')],
            },
        ),
    ]
