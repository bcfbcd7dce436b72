"""The role that serves the portal: it does everything the portal does, and cannot rewrite the journal."""

import datetime as dt
import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from psycopg2.errors import InsufficientPrivilege

from accounts.actions.imports import work_once
from accounts.actions.journal import breaks, record
from accounts.actions.people import remove_user
from accounts.actions.purge import purge_mails, purge_traces
from accounts.models import ImportFile, JournalEntry, LoginFailure, Mail, User
from habilitations.models import Cooptation
from notifications.actions.campaign import RATES
from notifications.models import Notification
from portal.roles import RoleError, grant_application
from tests.conftest import NOW
from tests.jobs.prepare import order_campaign
from tests.people import Company
from tests.registering import PASSWORD, register
from tests.roles import ROLE, connected

JOURNAL = "accounts_journalentry"


@pytest.mark.sqlite
def test_on_sqlite_there_is_no_role_to_grant(db: None) -> None:
    with pytest.raises(CommandError, match="Seul PostgreSQL a des rôles"):
        call_command("grant_application", "portail_application")


postgres = pytest.mark.postgres


@pytest.fixture
def own(application_role: str) -> Iterator[Any]:
    """A connection of the role's own."""
    opened = connected(application_role)
    yield opened.cursor()
    opened.close()


@postgres
@pytest.mark.parametrize(
    "sql",
    [
        f"UPDATE {JOURNAL} SET summary = 'x'",
        f"UPDATE {JOURNAL} SET actor_id = NULL",
        f"UPDATE {JOURNAL} SET summary = summary WHERE false",
        f"DELETE FROM {JOURNAL}",
        f"TRUNCATE {JOURNAL}",
        "TRUNCATE accounts_enterprise CASCADE",
        f"SELECT * FROM {JOURNAL} FOR UPDATE",
        f"INSERT INTO {JOURNAL} (id, number) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET number = 2",
        f"MERGE INTO {JOURNAL} USING (SELECT 1) one ON true WHEN MATCHED THEN DELETE",
        f"ALTER TABLE {JOURNAL} ADD COLUMN x int",
        f"ALTER TABLE {JOURNAL} DISABLE TRIGGER ALL",
        f"ALTER TABLE {JOURNAL} DROP CONSTRAINT journal_number_once",
        f"ALTER TABLE {JOURNAL} OWNER TO {{role}}",
        f"DROP TABLE {JOURNAL}",
        f"CREATE RULE nothing AS ON INSERT TO {JOURNAL} DO INSTEAD NOTHING",
        f"CREATE TRIGGER nothing BEFORE INSERT ON {JOURNAL} EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "DELETE FROM accounts_journalchain",
        "ALTER TABLE notifications_consultation DISABLE TRIGGER ALL",
        "SELECT setval('accounts_journalentry_id_seq', 1)",
        "DELETE FROM django_migrations",
        "CREATE TABLE mine (id int)",
        "SET session_replication_role = replica",
        "SET ROLE postgres",
        "ALTER ROLE {role} SUPERUSER",
    ],
)  # fmt: skip
def test_the_database_refuses(own: Any, sql: str) -> None:
    with pytest.raises(InsufficientPrivilege):
        own.execute(sql.format(role=ROLE))


@postgres
def test_it_gives_itself_no_right(own: Any) -> None:
    own.execute(f"GRANT UPDATE ON {JOURNAL} TO {ROLE}")
    with pytest.raises(InsufficientPrivilege):
        own.execute(f"UPDATE {JOURNAL} SET summary = 'x'")


@postgres
def test_it_has_every_right_on_every_other_table_and_no_more(own: Any) -> None:
    own.execute(
        "SELECT table_name, string_agg(privilege_type, ', ' ORDER BY privilege_type) FROM"
        " information_schema.role_table_grants WHERE grantee IN (%s, 'PUBLIC') AND table_schema = 'public' GROUP BY 1",
        [ROLE],
    )
    found = dict(own.fetchall())
    assert set(found) == set(connection.introspection.table_names())
    less = {name: rights for name, rights in found.items() if rights != "DELETE, INSERT, SELECT, UPDATE"}
    assert less == {
        JOURNAL: "INSERT, SELECT",
        "accounts_journalchain": "INSERT, SELECT, UPDATE",
        "django_migrations": "SELECT",
    }


@postgres
def test_a_table_added_later_is_closed_until_the_command_comes_again(application_role: str, db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE later (id int)")
        asked = "SELECT has_table_privilege(%s, 'later', 'SELECT, INSERT, UPDATE, DELETE')"
        cursor.execute(asked, [application_role])
        before = cursor.fetchone()
        call_command("grant_application", application_role, stdout=StringIO())
        cursor.execute(asked, [application_role])
        assert (before, cursor.fetchone()) == ((False,), (True,))


@postgres
def test_rights_given_by_mistake_are_taken_back(application_role: str, db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT ALL ON {JOURNAL} TO {application_role}, PUBLIC")
        cursor.execute(f"GRANT UPDATE (summary) ON {JOURNAL} TO PUBLIC")
        grant_application(application_role)
        cursor.execute(
            "SELECT has_table_privilege(%s, %s, 'UPDATE'), has_any_column_privilege(%s, %s, 'UPDATE')",
            [application_role, JOURNAL] * 2,
        )
        assert cursor.fetchone() == (False, False)


@postgres
@pytest.mark.parametrize(
    ("before", "told"),
    [
        ("ALTER ROLE {role} SUPERUSER", "superutilisateur"),
        ("GRANT pg_write_all_data TO {role}", "membre d'un autre rôle"),
        ("ALTER TABLE accounts_sweep OWNER TO {role}", "possède des tables"),
        ("SET ROLE {role}", "ne nomme pas le propriétaire"),
    ],
)
def test_a_role_that_its_rights_would_not_bind_is_refused(
    application_role: str, db: None, before: str, told: str
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(before.format(role=application_role))
    with pytest.raises(RoleError, match=told):
        grant_application(application_role)


@postgres
def test_the_owner_is_no_application(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        [owner] = cursor.fetchone()
    with pytest.raises(CommandError, match="propriétaire lui-même"):
        call_command("grant_application", owner)


@postgres
def test_the_server_never_sees_the_password(application_role: str, db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", [application_role])
        assert cursor.fetchone()[0].startswith("SCRAM-SHA-256$")


# The whole life of the portal, with these rights ----------------------------


@postgres
def test_somebody_registers_and_the_next_one_is_accepted(company: Company, as_application: None) -> None:
    for name in ("Tanguy", "Riou"):
        register(company.head_office, last_name=name, first_name="A")
    for message in list(mail.outbox):
        [path] = re.findall(r"/inscription/adresse/[^/\s]+/", str(message.body))
        Client().post(path)
    first, second = User.objects.order_by("pk")
    assert (first.state, second.state) == ("active", "pending")
    asked = Cooptation.objects.get(user=second)
    identity = {"siret": company.head_office.siret, "last_name": "Tanguy", "first_name": "A", "password": PASSWORD}
    browser = Client()
    assert browser.post("/connexion/", identity)["Location"] == "/menu/"
    browser.post("/habilitations/cooptations/decision/", {f"{asked.pk}-choice": "accord", f"{asked.pk}-reason": ""})
    second.refresh_from_db()
    assert (second.state, list(breaks())) == ("active", [])


@postgres
def test_a_campaign_is_published_and_read(company: Company, administrator: User, as_application: None) -> None:
    order_campaign(50)
    while work_once(importer=RATES, on=NOW):
        pass
    assert (ImportFile.objects.get().status, Notification.objects.count()) == ("applied", 45)


@postgres
def test_what_is_past_its_limit_is_deleted(declarant: User, as_application: None) -> None:
    Mail.objects.create(
        recipient="parti@exemple.example", sender="x", subject="x", text="x", created_at=NOW,
        sent_at=NOW - dt.timedelta(days=20),
    )  # fmt: skip
    LoginFailure.objects.create(key_hash="x", source="192.0.2.1", failures=5, last_at=NOW - dt.timedelta(days=1))
    assert (purge_mails(on=NOW, at=NOW), purge_traces(at=NOW)) == (True, True)


@postgres
def test_deleting_an_account_cuts_its_link_and_leaves_the_chain_whole(
    administrator: User, secondary_administrator: User, as_application: None
) -> None:
    place = administrator.establishment
    record(by=administrator, on=NOW, verb="essai", summary="Essai", enterprise=place and place.enterprise_id)
    assert remove_user(user=administrator, by=administrator, on=NOW)
    assert list(JournalEntry.objects.values_list("actor", "actor_name")) == [(None, "Anaïs Le Goff")] * 2
    assert list(breaks()) == []


@postgres
def test_a_link_is_never_moved_to_somebody_else(own: Any) -> None:
    """It is outside the digest: that it can be cut alone is the constraint's doing."""
    own.execute(
        "SELECT confdeltype, confupdtype FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'"
        " AND confrelid = 'accounts_user'::regclass",
        [JOURNAL],
    )
    assert own.fetchall() == [("n", "a")]
