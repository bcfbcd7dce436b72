from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0007_bulk'),
    ]

    operations = [
        migrations.AddField(
            model_name='stagedrate',
            name='known',
            field=models.BooleanField(db_default=False),
        ),
    ]
