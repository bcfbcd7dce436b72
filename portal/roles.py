"""The portal's own role on PostgreSQL: it reads and writes, and cannot rewrite the journal (decision 0024)."""

from typing import Any

from django.db import connection, transaction
from psycopg2.extensions import encrypt_password

from accounts.models import JournalChain, JournalEntry

EVERY = "SELECT, INSERT, UPDATE, DELETE"
# Tables of which the role gets less.
LESS = {
    JournalEntry._meta.db_table: "SELECT, INSERT",
    JournalChain._meta.db_table: "SELECT, INSERT, UPDATE",
    "django_migrations": "SELECT",
}


class RoleError(Exception):
    """A role that cannot be given these rights, in one sentence."""


@transaction.atomic
def grant_application(name: str, password: str = "") -> None:
    """Create the role if it is not there, and give it exactly its rights, whatever it had.

    For the owner of the tables, on PostgreSQL; again after each migration and each restored backup, for a new table is
    closed to the role until then. password: empty to leave it as it is.
    Raises RoleError for another owner's tables, or a role that could go around its rights.
    """
    with connection.cursor() as cursor:
        role = connection.ops.quote_name(name)
        _refuse(cursor, name)
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE ROLE {role}")
        cursor.execute(f"ALTER ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS")
        if password:
            # The server and its log see the verifier alone.
            verifier = encrypt_password(password, name, connection.connection, "scram-sha-256")
            cursor.execute(f"ALTER ROLE {role} PASSWORD %s", [verifier])
        cursor.execute("SELECT quote_ident(current_database()), quote_ident(current_schema())")
        database, schema = cursor.fetchone()
        both = f"{role}, PUBLIC"
        cursor.execute(f"REVOKE CREATE ON SCHEMA {schema} FROM {both}")
        for kind in ("TABLES", "SEQUENCES"):
            cursor.execute(f"REVOKE ALL ON ALL {kind} IN SCHEMA {schema} FROM {both}")
            cursor.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} REVOKE ALL ON {kind} FROM {both}")
        cursor.execute(f"GRANT CONNECT ON DATABASE {database} TO {role}")
        cursor.execute(f"GRANT USAGE ON SCHEMA {schema} TO {role}")
        # What pg_dump reads too. A sequence is never set: that takes UPDATE.
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}")
        # After a large import the statistics are made anew: before PostgreSQL 17 they wait for autovacuum.
        more = ", MAINTAIN" if connection.pg_version >= 170000 else ""  # type: ignore[attr-defined]
        for table in connection.introspection.table_names(cursor):
            rights = LESS.get(table, EVERY + more)
            cursor.execute(f"GRANT {rights} ON {connection.ops.quote_name(table)} TO {role}")


def _refuse(cursor: Any, name: str) -> None:
    """Raise RoleError when rights would not bind this role, or are not ours to give."""
    if not _one(cursor, "SELECT to_regclass(%s)", JournalEntry._meta.db_table):
        raise RoleError("Les tables ne sont pas là : lancez d'abord manage.py migrate.")
    if not _one(
        cursor,
        "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = %s::regclass",
        JournalEntry._meta.db_table,
    ):
        raise RoleError("DATABASE_URL ne nomme pas le propriétaire des tables : lui seul donne ces droits.")
    if _one(cursor, "SELECT current_user = %s", name):
        raise RoleError(f"« {name} » est le propriétaire lui-même : nommez un autre rôle.")
    if _one(cursor, "SELECT rolsuper FROM pg_roles WHERE rolname = %s", name):
        raise RoleError(f"« {name} » est superutilisateur : aucun droit ne le retient.")
    if _one(
        cursor, "SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE rolname = %s", name
    ):
        raise RoleError(f"« {name} » est membre d'un autre rôle, dont il aurait les droits.")
    if _one(cursor, "SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE rolname = %s", name):
        raise RoleError(f"« {name} » possède des tables : nommez un autre rôle.")


def _one(cursor: Any, sql: str, value: str) -> Any:
    cursor.execute(sql, [value])
    row = cursor.fetchone()
    return row and row[0]
