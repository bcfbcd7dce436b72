"""A client's SIRET beside its portfolio, so that both make one index: written by the database, whatever code adds it."""

from django.db import migrations, models

CLIENTS = "portfolios_client"
SIRET = "COALESCE((SELECT siret FROM accounts_establishment WHERE id = {row}.establishment_id), '')"


def keep(apps, schema_editor):
    """Make the trigger, then write the SIRET of the clients that are there."""
    siret = SIRET.format(row="NEW")
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"""CREATE FUNCTION client_siret() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
            BEGIN NEW.siret := {siret}; RETURN NEW; END $$"""
        )
        schema_editor.execute(
            f"CREATE TRIGGER client_siret BEFORE INSERT ON {CLIENTS} FOR EACH ROW EXECUTE FUNCTION client_siret()"
        )
    else:
        schema_editor.execute(
            f"""CREATE TRIGGER client_siret AFTER INSERT ON {CLIENTS}
            BEGIN UPDATE {CLIENTS} SET siret = {siret} WHERE id = NEW.id; END"""  # noqa: S608 - names of this file
        )
    schema_editor.execute(f"UPDATE {CLIENTS} SET siret = {SIRET.format(row=CLIENTS)}")  # noqa: S608 - names of this file


def forget(apps, schema_editor):
    """Drop the trigger, so that the column can be."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP TRIGGER client_siret ON {CLIENTS}")
        schema_editor.execute("DROP FUNCTION client_siret()")
    else:
        schema_editor.execute("DROP TRIGGER client_siret")


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0008_sweep_counts'),
        ('portfolios', '0005_followed'),
    ]

    operations = [
        migrations.AddField(
            model_name='client',
            name='siret',
            field=models.CharField(db_default='', default='', editable=False, max_length=14, verbose_name='SIRET'),
        ),
        migrations.AddIndex(
            model_name='client',
            index=models.Index(fields=['portfolio', 'siret'], name='clients_by_siret'),
        ),
        migrations.RunPython(keep, forget),
    ]
