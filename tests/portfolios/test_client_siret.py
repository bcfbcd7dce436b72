"""A client's SIRET, kept beside its portfolio by the database (decision 0026)."""

from importlib import import_module
from types import SimpleNamespace

from django.db import connection

from accounts.models import User
from portfolios.models import Client
from tests.factories.accounts import EstablishmentFactory
from tests.factories.tiers import LONG_AGO, client_of


def differences() -> list[Client]:
    return [one for one in Client.objects.select_related("establishment") if one.siret != one.establishment.siret]


def test_it_is_written_however_a_client_is_added(tiers_declarant: User) -> None:
    first = client_of(tiers_declarant.establishment.enterprise)  # type: ignore[union-attr]
    places = [EstablishmentFactory(head_office=True) for _one in range(3)]
    Client.objects.bulk_create(
        Client(portfolio=first.portfolio, establishment=place, added_at=LONG_AGO) for place in places
    )
    assert (Client.objects.count(), differences()) == (4, [])


def test_the_migration_writes_it_for_those_that_are_there(tiers_declarant: User) -> None:
    client = client_of(tiers_declarant.establishment.enterprise)  # type: ignore[union-attr]
    Client.objects.update(siret="")
    migration = import_module("portfolios.migrations.0006_client_siret")
    with connection.cursor() as cursor:
        # Django's own editor cannot work inside a test's transaction on SQLite.
        editor = SimpleNamespace(connection=connection, execute=cursor.execute)
        if connection.vendor == "postgresql":
            # PostgreSQL makes no trigger while rows of this transaction wait to be checked.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        migration.forget(None, editor)
        migration.keep(None, editor)
    assert (Client.objects.get().pk, differences()) == (client.pk, [])
