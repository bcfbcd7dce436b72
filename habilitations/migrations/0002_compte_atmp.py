from django.db import migrations


def add(apps, schema_editor):
    apps.get_model("habilitations", "Declaration").objects.get_or_create(
        code="compte-atmp",
        defaults={"label": "Compte AT/MP", "body": "L'assurance maladie", "access_delay_hours": 24},
    )


class Migration(migrations.Migration):
    dependencies = [("habilitations", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
