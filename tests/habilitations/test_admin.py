"""Declarations and rights given and taken back by staff, through the actions (G0.6, G1.2, G1.5)."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import JournalEntry, User
from habilitations.models import Declaration, EstablishmentDeclaration, Habilitation
from tests.factories.accounts import EstablishmentFactory, UserFactory
from tests.factories.habilitations import DeclarationFactory
from tests.people import Company, logged_in

REGISTER = reverse("admin:habilitations_establishmentdeclaration_add")
GRANT = reverse("admin:habilitations_habilitation_add")


@pytest.fixture
def client(staff: User) -> Client:
    return logged_in(staff)


@pytest.fixture
def declaration(db: None) -> Declaration:
    return DeclarationFactory()


def verbs() -> list[str]:
    return list(JournalEntry.objects.order_by("id").values_list("verb", flat=True))


def test_an_establishment_is_registered_and_taken_off(client: Client, declaration: Declaration) -> None:
    place = EstablishmentFactory()
    given = {"establishment": place.siret, "declaration": declaration.pk}
    for _time in range(2):
        assert client.post(REGISTER, given).status_code == 302
    registration = EstablishmentDeclaration.objects.get(establishment=place)
    page = reverse("admin:habilitations_establishmentdeclaration_delete", args=[registration.pk])
    assert client.get(page).status_code == 200
    client.post(page, {"post": "yes"})
    assert not EstablishmentDeclaration.objects.exists()
    assert verbs() == ["declaration.register", "declaration.remove"]


def test_a_closed_establishment_is_refused_with_its_reason(client: Client, declaration: Declaration) -> None:
    place = EstablishmentFactory(closed_on="2026-01-01")
    response = client.post(REGISTER, {"establishment": place.siret, "declaration": declaration.pk})
    assert response.context["form"].non_field_errors() == [
        "Cet établissement est fermé depuis le 1er janvier 2026 : il ne peut recevoir aucune déclaration."
    ]


def test_a_right_is_given_to_somebody_of_the_enterprise(
    client: Client, company: Company, declarant_without_right: User, declaration: Declaration
) -> None:
    UserFactory()
    asked = client.get(GRANT, {"siret": company.head_office.siret})
    assert list(asked.context["form"].fields["user"].queryset) == [declarant_without_right]
    given = {"user": declarant_without_right.pk, "declaration": declaration.pk}
    response = client.post(f"{GRANT}?siret={company.head_office.siret}", given)
    right = Habilitation.objects.get()
    assert (right.user, right.establishment) == (declarant_without_right, company.head_office)
    assert response["Location"] == reverse("admin:habilitations_habilitation_change", args=[right.pk])
    rights = reverse("admin:habilitations_habilitation_changelist")
    client.post(rights, {"action": "delete_selected", "_selected_action": [right.pk], "post": "yes"})
    assert verbs() == ["habilitation.grant", "habilitation.remove"]


def test_a_right_without_its_declaration_is_refused_with_its_reason(client: Client, declaration: Declaration) -> None:
    user = UserFactory()
    assert user.establishment is not None
    address = f"{GRANT}?siret={user.establishment.siret}"
    response = client.post(address, {"user": user.pk, "declaration": declaration.pk})
    assert response.context["form"].non_field_errors() == [
        "Cet établissement n'est pas inscrit à « Compte AT/MP » : ajoutez-la d'abord."
    ]
    assert not Habilitation.objects.exists()


def test_a_right_is_not_given_to_a_stranger(
    client: Client, company: Company, stranger: User, declaration: Declaration
) -> None:
    address = f"{GRANT}?siret={company.head_office.siret}"
    response = client.post(address, {"user": stranger.pk, "declaration": declaration.pk})
    assert list(response.context["form"].errors) == ["user"]
    assert not Habilitation.objects.exists()


def test_the_establishment_of_a_right_is_asked_first(client: Client) -> None:
    assert client.get(GRANT).context["form"].errors == {}
    unknown = client.get(GRANT, {"siret": "73282932000074"})
    assert unknown.context["form"].errors == {"siret": ["Ce SIRET n'est pas dans le répertoire."]}


CATALOGUE = {
    "code": "essai", "label": "Essai", "body": "URSSAF", "audience": "Tous", "access_delay_hours": "48",
    "used_from": "2027-01-01", "used_to": "2027-12-31", "source": "essai",
}  # fmt: skip


def test_the_catalogue_is_maintained_and_told(client: Client) -> None:
    assert client.post(reverse("admin:habilitations_declaration_add"), CATALOGUE).status_code == 302
    made = Declaration.objects.get(code="essai")
    change = reverse("admin:habilitations_declaration_change", args=[made.pk])
    for label in ("Essai", "Essai changé"):
        client.post(change, CATALOGUE | {"label": label, "code": "autre"})
    made.refresh_from_db()
    assert (made.code, made.label, made.access_delay_hours) == ("essai", "Essai changé", 48)
    told = JournalEntry.objects.filter(verb="catalogue.save").order_by("pk").values_list("summary", flat=True)
    assert list(told) == [
        "Déclaration « Essai » ajoutée au catalogue.",
        "Déclaration « Essai changé » modifiée.",
    ]


def test_an_end_before_its_beginning_is_refused(client: Client) -> None:
    response = client.post(reverse("admin:habilitations_declaration_add"), CATALOGUE | {"used_to": "2026-01-01"})
    assert "La fin de service précède son début." in response.content.decode()
    assert not Declaration.objects.filter(code="essai").exists()
