"""On PostgreSQL the database itself cuts an entry's link to a deleted account (decision 0024)."""

from django.conf import settings
from django.db import migrations, models

import accounts.models.journal


def _replace(apps, schema_editor, on_delete):
    if schema_editor.connection.vendor != "postgresql":
        return
    entry = apps.get_model("accounts", "JournalEntry")
    [name] = schema_editor._constraint_names(entry, ["actor_id"], foreign_key=True)
    # PostgreSQL alters no table while rows of this transaction wait to be checked.
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    schema_editor.execute(
        f'ALTER TABLE accounts_journalentry DROP CONSTRAINT "{name}", ADD CONSTRAINT "{name}" FOREIGN KEY (actor_id)'
        f" REFERENCES accounts_user (id) {on_delete} DEFERRABLE INITIALLY DEFERRED"
    )


def cut_by_the_database(apps, schema_editor):
    _replace(apps, schema_editor, "ON DELETE SET NULL")


def cut_by_django(apps, schema_editor):
    _replace(apps, schema_editor, "")


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_mail_enterprise'),
    ]

    operations = [
        migrations.AlterField(
            model_name='journalentry',
            name='actor',
            field=models.ForeignKey(blank=True, null=True, on_delete=accounts.models.journal.cut_by_the_database, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='qui'),
        ),
        migrations.RunPython(cut_by_the_database, cut_by_django),
    ]
