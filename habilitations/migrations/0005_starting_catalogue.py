"""A starting set of declarations; staff change it in the admin."""

from django.db import migrations

CHOICE = "choix du simulateur"
# code → label, body, for whom, hours, source.
STARTING = {
    "dsn": ("Déclaration sociale nominative", "Tous les organismes", "Tous les employeurs", 0, CHOICE),
    "dpae": ("Déclaration préalable à l'embauche", "URSSAF", "Tous les employeurs", 0, CHOICE),
}


def add(apps, schema_editor):
    """Add what is not there yet, and say where « Compte AT/MP » comes from."""
    Declaration = apps.get_model("habilitations", "Declaration")
    for code, (label, body, audience, hours, source) in STARTING.items():
        values = {"label": label, "body": body, "audience": audience, "access_delay_hours": hours, "source": source}
        Declaration.objects.get_or_create(code=code, defaults=values)
    Declaration.objects.filter(code="compte-atmp").update(
        audience="Tous les employeurs du régime général",
        source="guide 2022 (G0.1, G3.10) ; délai d'accès de 24 h : presse spécialisée",
    )


class Migration(migrations.Migration):
    dependencies = [("habilitations", "0004_catalogue")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
