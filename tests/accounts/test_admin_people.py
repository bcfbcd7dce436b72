"""People, as staff register, correct, suspend and take them back (G3.2)."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import JournalEntry, User
from tests.conftest import NOW
from tests.factories.accounts import PASSWORD, EstablishmentFactory
from tests.people import Company, logged_in

ADD = reverse("admin:accounts_user_add")
LIST = reverse("admin:accounts_user_changelist")


def asked(**changes: str) -> dict[str, str]:
    return {
        "establishment": "982 820 011 00012",
        "last_name": "D'Hervé",
        "first_name": "Chloé",
        "email": "chloe@exemple.example",
        "role": "declarant",
        "password": PASSWORD,
    } | changes


def told() -> list[tuple[str, str]]:
    return list(JournalEntry.objects.order_by("id").values_list("verb", "summary"))


def test_a_person_is_registered_and_can_log_in(staff: User, company: Company) -> None:
    response = logged_in(staff).post(ADD, asked())
    user = User.objects.get(last_name="D'Hervé")
    assert response["Location"] == reverse("admin:accounts_user_change", args=[user.pk])
    assert user.login_key == "98282001100012|d herve|chloe"
    assert (user.establishment, user.role, user.state, user.created_at) == (
        company.head_office,
        "declarant",
        "active",
        NOW,
    )
    assert user.check_password(PASSWORD)
    summary = "Inscription de Chloé D'Hervé, déclarant, au SIRET 982\xa0820\xa0011\xa000012."
    assert told() == [("user.create", summary)]


def test_the_siret_can_come_with_the_address(staff: User, company: Company) -> None:
    response = logged_in(staff).get(ADD, {"establishment": company.head_office.siret})
    assert response.context["form"]["establishment"].value() == company.head_office.siret


def test_a_homonym_is_refused_at_the_name_until_distinguished(staff: User, company: Company) -> None:
    client = logged_in(staff)
    client.post(ADD, asked())
    again = client.post(ADD, asked(last_name="d herve"))
    message = "Une personne de ce nom est déjà inscrite à ce SIRET : distinguez les homonymes."
    assert again.context["form"].errors == {"last_name": [message]}
    assert client.post(ADD, asked(homonym="Service paie")).status_code == 302
    assert User.objects.filter(last_name="D'Hervé").count() == 2


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"establishment": "73282932000074"}, "establishment", "Ce SIRET n'est pas dans le répertoire."),
        (
            {"establishment": "98282001100013"},
            "establishment",
            "« 98282001100013 » : la clé de ce SIRET est fausse, vérifiez les chiffres.",
        ),
        ({"last_name": "--"}, "last_name", "Écrivez au moins une lettre."),
        ({"first_name": "!"}, "first_name", "Écrivez au moins une lettre."),
        ({"last_name": "ﷺ" * 80}, "last_name", "Nom, prénom et distinction sont trop longs ensemble."),
        ({"email": "chloe"}, "email", "Saisissez une adresse de courriel valide."),
        ({"role": "roi"}, "role", "Sélectionnez un choix valide. roi n’en fait pas partie."),
    ],
)
def test_what_is_wrong_with_a_person_is_said_at_its_field(
    staff: User, company: Company, changes: dict[str, str], field: str, message: str
) -> None:
    response = logged_in(staff).post(ADD, asked(**changes))
    assert response.context["form"].errors == {field: [message]}
    assert User.objects.count() == 1


def change(user: User, **values: Any) -> Any:
    return reverse("admin:accounts_user_change", args=[user.pk]), values


def test_contact_details_are_corrected_and_nothing_else(staff: User, declarant: User) -> None:
    before = User.objects.filter(pk=declarant.pk).values().get()
    stolen = {"last_name": "X", "role": "administrator", "state": "suspended", "password": "x", "is_staff": "on"}
    url, values = change(declarant, email="z@exemple.example", phone="0298000000", **stolen)
    assert logged_in(staff).post(url, values).status_code == 302
    after = User.objects.filter(pk=declarant.pk).values().get()
    assert after == before | {"email": "z@exemple.example", "phone": "0298000000"}
    logged_in(staff).post(url, values)
    place = "au SIRET 982\xa0820\xa0011\xa000012."
    assert told() == [
        ("user.address", f"Adresse électronique de Zoé Kervella corrigée {place}"),
        ("user.phone", f"Téléphone de Zoé Kervella corrigé {place}"),
    ]


def test_a_suspended_person_is_out_at_once_and_can_be_taken_back(staff: User, administrator: User) -> None:
    theirs, ours = logged_in(administrator), logged_in(staff)
    assert theirs.get("/entreprise/").status_code == 200
    ours.post(LIST, {"action": "suspend", "_selected_action": [administrator.pk]})
    assert theirs.get("/entreprise/").status_code == 302
    ours.post(LIST, {"action": "suspend", "_selected_action": [administrator.pk]})
    ours.post(LIST, {"action": "reactivate", "_selected_action": [administrator.pk]})
    administrator.refresh_from_db()
    assert administrator.state == "active"
    assert told() == [
        ("user.suspend", "Suspension de Anaïs Le Goff au SIRET 982\xa0820\xa0011\xa000012."),
        ("user.reactivate", "Rétablissement de Anaïs Le Goff au SIRET 982\xa0820\xa0011\xa000012."),
    ]


def test_staff_do_not_suspend_themselves_nor_accept_a_candidate(staff: User, candidate: User) -> None:
    client = logged_in(staff)
    for action in ("suspend", "reactivate"):
        client.post(LIST, {"action": action, "_selected_action": [staff.pk, candidate.pk]})
    assert dict(User.objects.values_list("pk", "state")) == {staff.pk: "active", candidate.pk: "pending"}


def test_a_new_password_ends_the_sessions_of_the_old_one(staff: User, administrator: User) -> None:
    theirs = logged_in(administrator)
    url = reverse("admin:accounts_user_password", args=[administrator.pk])
    assert logged_in(staff).get(url).status_code == 200
    response = logged_in(staff).post(url, {"password": "Lezard2027", "again": "Lezard2027"})
    assert response["Location"] == reverse("admin:accounts_user_change", args=[administrator.pk])
    administrator.refresh_from_db()
    assert administrator.check_password("Lezard2027")
    assert theirs.get("/entreprise/").status_code == 302
    assert told()[0][0] == "user.password"


def test_ones_own_new_password_is_told_and_ends_ones_other_sessions(staff: User) -> None:
    here, elsewhere = (Client() for _one in range(2))
    for client in (here, elsewhere):
        client.post(reverse("accounts:staff_login"), {"identifier": staff.login_key, "password": PASSWORD})
    given = {"old_password": PASSWORD, "new_password1": "Trombone47vert", "new_password2": "Trombone47vert"}
    answer = here.post(reverse("admin:password_change"), given)
    assert answer["Location"] == reverse("admin:password_change_done")
    assert [client.get("/gestion/").status_code for client in (here, elsewhere)] == [200, 302]
    assert ([verb for verb, _summary in told()], len(mail.outbox)) == (["user.password"], 1)


def test_two_passwords_that_differ_change_nothing(staff: User, administrator: User) -> None:
    url = reverse("admin:accounts_user_password", args=[administrator.pk])
    response = logged_in(staff).post(url, {"password": "Lezard2027", "again": "Lezard2028"})
    assert response.context["form"].errors == {"again": ["Les deux mots de passe ne sont pas les mêmes."]}
    administrator.refresh_from_db()
    assert administrator.check_password(PASSWORD)


def test_a_person_who_does_not_exist_has_no_password_page(staff: User) -> None:
    assert logged_in(staff).get(reverse("admin:accounts_user_password", args=[999])).status_code == 404


def test_the_same_person_at_two_establishments_is_two_users(staff: User, company: Company) -> None:
    client, other = logged_in(staff), EstablishmentFactory()
    client.post(ADD, asked())
    client.post(ADD, asked(establishment=other.siret))
    assert User.objects.filter(last_name="D'Hervé").count() == 2
