"""The portal's own role on PostgreSQL: granted once on the database of the tests, put on by those that ask."""

import os
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from portal.roles import grant_application

ROLE, PASSWORD = f"atelier_essai_{os.getpid()}", "Fictif-2027"


@pytest.fixture(scope="session")
def application_role(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Return the name of a role that has the portal's rights; it goes with the last test."""
    with django_db_blocker.unblock():
        grant_application(ROLE, PASSWORD)
        yield ROLE
        # A test may have left a closed one behind.
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute(f"DROP OWNED BY {ROLE}")
            cursor.execute(f"DROP ROLE {ROLE}")


@pytest.fixture
def as_application(application_role: str, db: None) -> None:
    """Whatever the test does from here, it does with the portal's rights."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {application_role}")


def connected(role: str) -> Any:
    """Return a connection of that role's own to the database of the tests, each statement for itself."""
    server = {key: value for key, value in connection.get_connection_params().items() if key in ("host", "port")}
    opened = psycopg2.connect(**server, dbname=connection.settings_dict["NAME"], user=role, password=PASSWORD)
    opened.autocommit = True
    return opened
