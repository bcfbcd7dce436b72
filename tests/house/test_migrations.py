"""Migrations run while the version before them still serves: what would hurt it is found, or listed with a reason."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from django.apps import apps
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models.functions import Now

from tests.jobs.portal_process import Portal, portal

# Up to these nobody had the portal but its makers: what they do to rows, they did to no one.
BASELINE = {
    "accounts": "0006_mail_enterprise",
    "habilitations": "0005_starting_catalogue",
    "notifications": "0007_bulk",
    "portfolios": "0005_followed",
    "sandbox": "0004_copy_loaded_at",
}
# Found, and right all the same: what was found, and why it does not hurt. « not filled »: without db_default, the code
# before cannot add rows; « index »: made without CONCURRENTLY, it holds writers back.
LISTED = {
    ("accounts", "0007_journal_role"): {
        "RunPython": "one constraint becomes ON DELETE SET NULL; the code before cuts the link itself, and may",
    },
    ("notifications", "0009_dismissed"): {
        "RunPython": "receipts wait while those there are counted; the triggers count those of the code before too",
    },
    ("portfolios", "0006_client_siret"): {
        "AddIndex client_clients_by_siret": "on a column of empty texts, of clients that people add by thousands",
        "RunPython": "new clients wait while those there get their SIRET; the trigger serves the code before too",
    },
}
# These take no lock that lasts, and the code before does not see them. Any other operation has to be looked at.
HARMLESS = (
    migrations.CreateModel, migrations.AlterModelOptions, migrations.AlterModelManagers,
    migrations.RemoveIndex, migrations.RemoveConstraint,
)  # fmt: skip
ROOT = Path(__file__).resolve().parents[2]
LOADER = MigrationLoader(None)
OURS = sorted(key for key in LOADER.disk_migrations if key[0] in BASELINE)
SINCE = [key for key in OURS if key[1] > BASELINE[key[0]]]


def dangers(operations: list[Operation], app: str, state: ProjectState) -> Iterator[str]:
    """Yield what each operation would do to rows that are there, or to the code that still runs. Moves the state on.

    A table that the same migration makes has no rows, and no code but the new one knows it.
    """
    new = {one.name_lower for one in operations if isinstance(one, migrations.CreateModel)}
    for one in operations:
        before = state.clone()
        one.state_forwards(app, state)
        if getattr(one, "model_name", "").lower() not in new and not isinstance(one, HARMLESS):
            yield from _danger(one, app, before, state)


def _danger(one: Operation, app: str, before: ProjectState, after: ProjectState) -> Iterator[str]:
    what = f"{type(one).__name__} {one.migration_name_fragment or ''}".strip()
    if isinstance(one, migrations.AlterField):
        old, new = (state.apps.get_model(app, one.model_name)._meta.get_field(one.name) for state in (before, after))
        if connection.schema_editor()._field_should_be_altered(old, new):
            yield what
    elif isinstance(one, migrations.AddField):
        field = one.field
        if not (field.null or field.many_to_many or field.has_db_default()):
            yield f"{what}: not filled"
        if field.db_index or field.unique:
            yield f"{what}: index"
    elif isinstance(one, migrations.SeparateDatabaseAndState):
        yield from dangers(list(one.database_operations), app, before.clone())
    else:
        yield what


@pytest.mark.parametrize("key", SINCE, ids=".".join)
def test_a_migration_hurts_nobody_or_says_why(key: tuple[str, str]) -> None:
    migration = LOADER.get_migration(*key)
    state = LOADER.project_state([key], at_end=False)
    assert sorted(dangers(migration.operations, key[0], state)) == sorted(LISTED.get(key, {}))


def test_the_list_and_the_baseline_name_migrations_that_exist() -> None:
    here = {key for key in {*LISTED, *BASELINE.items()} if apps.is_installed(key[0])}
    assert here - set(OURS) == set()
    own = {app for app, _name in LOADER.disk_migrations if Path(apps.get_app_config(app).path).parent == ROOT}
    assert own - set(BASELINE) == set()


@pytest.mark.parametrize("key", OURS, ids=".".join)
def test_every_migration_has_a_way_back(key: tuple[str, str]) -> None:
    assert [one for one in LOADER.get_migration(*key).operations if not one.reversible] == []


def bare() -> ProjectState:
    """A table « thing » with a short text."""
    state = ProjectState()
    fields = [("id", models.BigAutoField(primary_key=True)), ("text", models.CharField(max_length=9))]
    migrations.CreateModel("Thing", fields).state_forwards("accounts", state)
    return state


M = migrations


@pytest.mark.parametrize(
    ("operation", "found"),
    [
        (M.AddField("thing", "x", models.IntegerField(default=0)), "AddField thing_x: not filled"),
        (M.AddField("thing", "x", models.IntegerField(null=True, db_index=True)), "AddField thing_x: index"),
        (M.AddField("thing", "x", models.IntegerField(null=True)), None),
        (M.AddField("thing", "x", models.DateTimeField(db_default=Now())), None),
        (M.RemoveField("thing", "text"), "RemoveField remove_thing_text"),
        (M.RenameField("thing", "text", "words"), "RenameField rename_text_thing_words"),
        (M.RenameModel("Thing", "Object"), "RenameModel rename_thing_object"),
        (M.DeleteModel("Thing"), "DeleteModel delete_thing"),
        (M.AlterModelTable("thing", "things"), "AlterModelTable alter_thing_table"),
        (M.AlterField("thing", "text", models.TextField()), "AlterField alter_thing_text"),
        (M.AlterField("thing", "text", models.CharField(max_length=9, null=True)), "AlterField alter_thing_text"),
        (M.AlterField("thing", "text", models.CharField("mots", max_length=9, help_text="x")), None),
        (M.AddIndex("thing", models.Index(name="x", fields=["text"])), "AddIndex thing_x"),
        (M.AddConstraint("thing", models.UniqueConstraint(name="x", fields=["text"])), "AddConstraint thing_x"),
        (M.RunSQL("SELECT 1"), "RunSQL"),
        (M.RunPython(M.RunPython.noop), "RunPython"),
        (M.SeparateDatabaseAndState([M.RemoveField("thing", "text")]), "RemoveField remove_thing_text"),
        (M.CreateModel("Other", [("id", models.BigAutoField(primary_key=True))]), None),
        (M.AlterModelOptions("thing", {"verbose_name": "chose"}), None),
    ],
)  # fmt: skip
def test_what_hurts_is_found(operation: Operation, found: str | None) -> None:
    assert list(dangers([operation], "accounts", bare())) == ([found] if found else [])


def test_a_table_made_by_the_same_migration_has_no_rows_to_hurt() -> None:
    made = M.CreateModel("Other", [("id", models.BigAutoField(primary_key=True))])
    added = M.AddField("other", "x", models.IntegerField(default=0))
    assert list(dangers([made, added], "accounts", bare())) == []


BACK_AND_FORTH = """
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
for app, name in {keys}:
    executor = MigrationExecutor(connection)
    before = [parent for parent in executor.loader.graph.node_map[app, name].parents if parent[0] == app]
    executor.migrate([parent.key for parent in before])
    executor = MigrationExecutor(connection)
    assert (app, name) not in executor.loader.applied_migrations
    executor.migrate(executor.loader.graph.leaf_nodes())
"""


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Portal]:
    """An installation on a database of its own."""
    url = os.environ.get("DATABASE_URL", "")
    if "postgres" not in url:
        with portal(tmp_path) as made:
            yield made
        return
    name = f"atelier_migrations_{os.getpid()}"
    opened = psycopg2.connect(url)
    opened.autocommit = True
    opened.cursor().execute(f"CREATE DATABASE {name}")
    try:
        with portal(tmp_path, DATABASE_URL=f"{url.rpartition('/')[0]}/{name}") as made:
            yield made
    finally:
        opened.cursor().execute(f"DROP DATABASE {name} WITH (FORCE)")
        opened.close()


def test_the_latest_of_each_app_goes_back_and_forth_over_the_demo(installation: Portal) -> None:
    counted = [
        f"SELECT COUNT(*) FROM {table}"
        for table in ("accounts_user", "accounts_journalentry", "notifications_notification")
    ]
    assert installation.command("migrate", "--verbosity=0").returncode == 0
    assert installation.command("load_demo").returncode == 0
    before = [installation.value(sql) for sql in counted]
    steps = [*SINCE, *(key for key in LOADER.graph.leaf_nodes() if key[0] in BASELINE and key not in SINCE)]
    installation.python(BACK_AND_FORTH.format(keys=steps))
    assert [installation.value(sql) for sql in counted] == before
    for command in (("migrate", "--check"), ("verify_journal",)):
        assert installation.command(*command).returncode == 0
