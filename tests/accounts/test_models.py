"""What the database itself refuses, whoever writes: keys, head offices, SIRETs of another enterprise."""

import random

import pytest
from django.db import IntegrityError, connection, transaction
from stdnum.fr import siren as stdnum_siren
from stdnum.fr import siret as stdnum_siret

from accounts.models import Enterprise, Establishment, User
from tests.factories.accounts import EstablishmentFactory

pytestmark = pytest.mark.django_db
TABLE = Establishment._meta.db_table


def insert_enterprise(siren: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO accounts_enterprise (siren, name, legal_form) VALUES (%s, 'X', '')", [siren])


def insert(siret: str, siren: str, head_office: bool = False) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE} (siret, siren, is_head_office, sign, address, postcode, city, naf, code_risque,"
            " alsace_moselle) VALUES (%s, %s, %s, '', '', '', '', '', '', %s)",
            [siret, siren, head_office, False],
        )


def accepted(siret: str) -> bool:
    try:
        insert(siret, siret[:9])
    except IntegrityError:
        return False
    return True


def test_a_right_siret_enters_and_its_nic_is_derived() -> None:
    insert_enterprise("732829320")
    insert("73282932000074", "732829320")
    assert Establishment.objects.get().nic == "00074"


@pytest.mark.parametrize("siren", ["732829321", "73282932", "7328293200", "73282932A"])
def test_a_wrong_siren_is_refused(siren: str) -> None:
    with pytest.raises(Exception, match=r"siren|too long|invalid input"), transaction.atomic():
        insert_enterprise(siren)


def test_la_poste_has_its_own_key() -> None:
    insert_enterprise("356000000")
    assert [accepted(siret) for siret in ("35600000009075", "35600000000048", "35600000009076")] == [True, True, False]


def test_the_sql_key_agrees_with_the_library() -> None:
    draw = random.Random(7)
    sirens = [f"{draw.randrange(10**9):09d}" for _time in range(300)]
    taken = []
    for siren in sirens:
        try:
            insert_enterprise(siren)
        except IntegrityError:
            continue
        taken.append(siren)
    assert taken == [siren for siren in sirens if stdnum_siren.is_valid(siren)]
    assert taken != []


@pytest.mark.parametrize("siren", ["732829320", "356000000"])
def test_the_sql_key_of_a_siret_agrees_with_the_library(siren: str) -> None:
    insert_enterprise(siren)
    draw = random.Random(8)
    sirets = sorted({f"{siren}{draw.randrange(10**5):05d}" for _time in range(300)})
    right = [siret for siret in sirets if accepted(siret)]
    assert right == [siret for siret in sirets if stdnum_siret.is_valid(siret)]
    assert right != []


def test_an_enterprise_has_one_head_office() -> None:
    insert_enterprise("732829320")
    insert("73282932000074", "732829320", head_office=True)
    with pytest.raises(IntegrityError):
        insert("73282932000082", "732829320", head_office=True)


def test_a_siret_of_another_enterprise_is_refused() -> None:
    insert_enterprise("732829320")
    insert_enterprise("200034528")
    with pytest.raises(IntegrityError):
        insert("20003452800014", "732829320")


def test_the_admins_form_says_it_in_french() -> None:
    head_office = EstablishmentFactory(head_office=True)
    second = EstablishmentFactory(enterprise=head_office.enterprise, number=2)
    second.is_head_office = True
    with pytest.raises(Exception, match="Cette entreprise a déjà un siège"):
        second.full_clean()


@pytest.mark.parametrize(
    ("establishment", "role", "is_staff"), [(False, "", False), (True, "", False), (True, "declarant", True)]
)
def test_a_person_is_of_an_establishment_or_of_the_staff(establishment: bool, role: str, is_staff: bool) -> None:
    place = EstablishmentFactory() if establishment else None
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(login_key="x", establishment=place, role=role, is_staff=is_staff)


def test_an_enterprise_with_a_history_cannot_be_deleted() -> None:
    EstablishmentFactory()
    with pytest.raises(Exception, match="protected"):
        Enterprise.objects.all().delete()
