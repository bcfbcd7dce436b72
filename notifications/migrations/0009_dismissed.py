"""How many notifications each person dismissed, enterprise by enterprise: counted by the database in the transaction of
the receipt, whoever writes it, so that the code before this one keeps it true as well.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

RECEIPTS, COUNTS = "notifications_receipt", "notifications_dismissed"
OF_ONE = "(SELECT siren FROM notifications_notification WHERE id = {row}.notification_id)"  # noqa: S608 - a name of this file
# Rows that a statement added or took away, counted by person and enterprise, in one order: nobody waits in a circle.
GROUPED = """SELECT r.user_id, n.siren, {sign}count(*) AS count FROM {rows} r
    JOIN notifications_notification n ON n.id = r.notification_id
    WHERE r.user_id IS NOT NULL GROUP BY r.user_id, n.siren ORDER BY r.user_id, n.siren"""


def count(apps, schema_editor):
    """Make the triggers, which hold writers back until the end, then count what is there."""
    if schema_editor.connection.vendor == "postgresql":
        _on_postgresql(schema_editor)
    else:
        _on_sqlite(schema_editor)
    everything = GROUPED.format(sign="", rows=RECEIPTS)
    schema_editor.execute(f"INSERT INTO {COUNTS} (user_id, siren, count) {everything}")


def _on_postgresql(schema_editor):
    # PostgreSQL makes no trigger while rows of this transaction wait to be checked.
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for name, event, rows, sign in (("added", "INSERT", "NEW", ""), ("removed", "DELETE", "OLD", "-")):
        # As the tables' owner: the portal's role learns of a new table by grant_application only.
        schema_editor.execute(
            f"""CREATE FUNCTION receipts_{name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
            SET search_path FROM CURRENT AS $$
            BEGIN
                INSERT INTO {COUNTS} AS kept (user_id, siren, count) {GROUPED.format(sign=sign, rows="changed")}
                ON CONFLICT (user_id, siren) DO UPDATE SET count = kept.count + excluded.count;
                RETURN NULL;
            END $$"""  # noqa: S608 - names of this file
        )
        schema_editor.execute(
            f"CREATE TRIGGER receipts_{name} AFTER {event} ON {RECEIPTS} REFERENCING {rows} TABLE AS changed"
            f" FOR EACH STATEMENT EXECUTE FUNCTION receipts_{name}()"
        )


def _on_sqlite(schema_editor):
    for name, event, row, step in (("added", "INSERT", "NEW", "+ 1"), ("removed", "DELETE", "OLD", "- 1")):
        siren = OF_ONE.format(row=row)
        schema_editor.execute(
            f"""CREATE TRIGGER receipts_{name} AFTER {event} ON {RECEIPTS} WHEN {row}.user_id IS NOT NULL BEGIN
                INSERT INTO {COUNTS} (user_id, siren, count) SELECT {row}.user_id, {siren}, 0
                WHERE {siren} IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM {COUNTS} WHERE user_id = {row}.user_id AND siren = {siren});
                UPDATE {COUNTS} SET count = count {step} WHERE user_id = {row}.user_id AND siren = {siren};
            END"""  # noqa: S608 - names of this file
        )


def forget(apps, schema_editor):
    """Drop the triggers, so that the table can be."""
    for name in ("added", "removed"):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP TRIGGER receipts_{name} ON {RECEIPTS}")
            schema_editor.execute(f"DROP FUNCTION receipts_{name}()")
        else:
            schema_editor.execute(f"DROP TRIGGER receipts_{name}")


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0008_sweep_counts'),
        ('notifications', '0008_known'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Dismissed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('count', models.BigIntegerField(verbose_name='lues, archivées ou supprimées')),
                ('enterprise', models.ForeignKey(db_column='siren', db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.enterprise', verbose_name='entreprise')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'nombre de notifications suivies',
                'verbose_name_plural': 'nombres de notifications suivies',
                'constraints': [models.UniqueConstraint(fields=('user', 'enterprise'), name='dismissed_once')],
            },
        ),
        migrations.RunPython(count, forget),
    ]
