"""What a candidate sees: his state and the days left, nothing else (G4.1, G4.3, G4.8)."""

import datetime as dt

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import Establishment, JournalEntry, User
from habilitations.actions import keys
from habilitations.actions.cooptation import choose_route
from habilitations.models import (
    ATMP,
    ActivationKey,
    Cooptation,
    Declaration,
    EstablishmentDeclaration,
    Registration,
)
from portal import clock
from tests.habilitations.test_keys import DAY, NOW
from tests.people import logged_in

STATUS = reverse("habilitations:cooptation_status")
ROUTE = reverse("habilitations:cooptation_route")
LETTER = reverse("habilitations:activation_letter")
KEY = reverse("habilitations:activation_key")
DONE = reverse("habilitations:activation_done")


def said(user: User, url: str, values: dict[str, str] | None = None) -> list[str]:
    """Post and return the messages that the next page will show."""
    response = logged_in(user).post(url, values or {})
    assertRedirects(response, STATUS, fetch_redirect_response=False)
    return [message.message for message in get_messages(response.wsgi_request)]


@pytest.mark.parametrize("person", ["administrator", "declarant", "staff"])
def test_whoever_is_no_candidate_has_none_of_these_pages(person: str, request: pytest.FixtureRequest) -> None:
    client = logged_in(request.getfixturevalue(person))
    assert [client.get(url).status_code for url in (STATUS, KEY)] == [404, 404]
    assert [client.post(url).status_code for url in (ROUTE, LETTER, KEY)] == [404, 404, 404]


@pytest.mark.parametrize(
    "url",
    [reverse("portal:dashboard"), reverse("accounts:enterprise_detail"), reverse("notifications:notification_list")],
)
def test_a_candidate_sees_nothing_of_the_enterprise(candidate: User, administrator: User, url: str) -> None:
    response = logged_in(candidate).get(url, follow=True)
    assert administrator.last_name not in response.content.decode()


def test_the_days_left_and_the_last_day_are_shown(candidate: User) -> None:
    page = logged_in(candidate).get(STATUS)
    for words in ("2 février 2027, dans 13\N{NO-BREAK SPACE}jours", "18 janvier 2027", "En attente"):
        assertContains(page, words)


def test_the_last_day_says_today(candidate: User) -> None:
    Cooptation.objects.update(deadline=dt.datetime(2027, 1, 20, 23, tzinfo=dt.UTC))
    assertContains(logged_in(candidate).get(STATUS), "20 janvier 2027, aujourd'hui")


def test_an_expired_request_says_so_before_the_sweep_does(candidate: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """G4.7."""
    late = candidate.cooptation.deadline + dt.timedelta(days=7)
    monkeypatch.setattr(clock, "now", lambda: late)
    page = logged_in(candidate).get(STATUS)
    assertContains(page, "Votre demande a expiré")
    assertNotContains(page, "<form class")
    assert said(candidate, ROUTE, {"route": "key"}) == ["Cette demande n'est plus en attente."]
    assert said(candidate, LETTER) == ["Cette demande n'est plus en attente."]


def test_who_was_asked_is_named(candidate: User, administrator: User) -> None:
    client = logged_in(candidate)
    assertNotContains(client.get(STATUS), "Le Goff")
    assert said(candidate, ROUTE, {"route": "cooptation"}) == ["Votre choix est enregistré."]
    assertContains(client.get(STATUS), "Anaïs Le Goff")


def test_cooptation_is_not_offered_when_nobody_can_be_asked(candidate: User, suspended: User) -> None:
    page = logged_in(candidate).get(STATUS)
    assertNotContains(page, "Par cooptation")
    assertContains(page, "Par clé d&#x27;activation")
    assert said(candidate, ROUTE, {"route": "cooptation"}) == [
        "Aucun administrateur ne peut être joint : demandez une clé d'activation par courrier."
    ]


@pytest.mark.parametrize("values", [{}, {"route": "autre"}, {"route": "x" * 10_000}, {"route": ""}])
def test_no_way_or_an_unknown_one_is_refused(candidate: User, values: dict[str, str]) -> None:
    assert said(candidate, ROUTE, values) == ["Choisissez la cooptation ou la clé d'activation."]


def test_the_letters_are_followed_step_by_step(candidate: User, staff: User) -> None:
    client, every = logged_in(candidate), ActivationKey.objects.all()
    said(candidate, ROUTE, {"route": "key"})
    page = client.get(STATUS)
    assertContains(page, "demandée le 20 janvier 2027, à imprimer")
    assertNotContains(page, "Demander une autre lettre")
    keys.print_letters(keys=every, by=staff, on=NOW, day=DAY)
    assertContains(client.get(STATUS), "imprimée le 20 janvier 2027")
    keys.post_letters(keys=every, by=staff, on=NOW)
    assertContains(client.get(STATUS), "postée le 20 janvier 2027")
    keys.return_letters(keys=every, by=staff, on=NOW)
    assertContains(client.get(STATUS), "revenue le 20 janvier 2027, non remise")
    assertContains(client.get(STATUS), "Demander une autre lettre")
    assert said(candidate, LETTER) == ["Une nouvelle lettre va être postée. La clé de la précédente ne vaut plus rien."]


@pytest.fixture
def key(candidate: User, staff: User) -> str:
    choose_route(cooptation=candidate.cooptation, route=Cooptation.Route.KEY, on=NOW)
    [letter] = keys.print_letters(keys=ActivationKey.objects.all(), by=staff, on=NOW, day=DAY)
    return letter.key


def test_the_right_key_leads_on_to_the_menu(candidate: User, administrator: User, key: str) -> None:
    """G4.8."""
    client = logged_in(candidate)
    page = client.post(KEY, {"key": key.lower()}, follow=True)
    assertRedirects(page, DONE)
    opened = EstablishmentDeclaration.objects.get()
    assertContains(page, f"«&nbsp;{opened.declaration.label}&nbsp;», utilisable à partir du")
    assertContains(page, "Poursuivre l'inscription")
    assertContains(client.get(reverse("portal:dashboard")), "Menu personnalisé")
    assert client.get(KEY).status_code == 404


def test_the_key_of_an_establishment_closed_meanwhile_opens_no_declaration(candidate: User, key: str) -> None:
    """trust.md, peers: it receives no new right. The key is good all the same, and the reason is shown."""
    EstablishmentDeclaration.objects.all().delete()
    asked = Registration.objects.create(user=candidate, number="2027-000001", submitted_at=NOW, profile="enterprise")
    asked.declarations.set(Declaration.objects.filter(code=ATMP))
    Establishment.objects.filter(pk=candidate.establishment_id).update(closed_on=dt.date(2026, 12, 31))
    page = logged_in(candidate).post(KEY, {"key": key}, follow=True)
    assertRedirects(page, DONE)
    refusal = "Cet établissement est fermé depuis le 31 décembre 2026 : il ne peut recevoir aucune déclaration."
    assertContains(page, refusal)
    entry = JournalEntry.objects.latest("pk")
    assert (entry.verb, entry.summary.partition("administrateur. ")[2]) == ("key.used", refusal)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("0123456789AB", "Cette clé n'est pas la bonne : vérifiez chaque caractère de la dernière lettre."),
        ("ABC", "Une clé a 12 caractères, celle-ci en a 3."),
        ("", "Ce champ est obligatoire."),
        ("a\0b", "Le caractère nul n’est pas autorisé."),
        ("x" * 10_000, "40 caractères"),
    ],
)
def test_a_wrong_key_says_why_at_its_field(candidate: User, key: str, typed: str, message: str) -> None:
    response = logged_in(candidate).post(KEY, {"key": typed})
    assert response.status_code == 200
    [error] = response.context["form"].errors["key"]
    assert message in error


def test_the_answer_is_the_same_whether_a_letter_exists_or_not(candidate: User, staff: User) -> None:
    """trust.md, Identity: the key screen tells nothing."""
    client = logged_in(candidate)

    def errors() -> list[str]:
        return list(client.post(KEY, {"key": "0123456789AB"}).context["form"].errors["key"])

    before = errors()
    choose_route(cooptation=candidate.cooptation, route=Cooptation.Route.KEY, on=NOW)
    keys.print_letters(keys=ActivationKey.objects.all(), by=staff, on=NOW, day=DAY)
    assert errors() == before


def test_the_sixth_try_of_a_day_waits(candidate: User, key: str) -> None:
    client = logged_in(candidate)
    for _time in range(5):
        client.post(KEY, {"key": "0123456789AB"})
    assertContains(client.post(KEY, {"key": key}), "5 clés aujourd&#x27;hui", html=False)
    assert not User.objects.get(pk=candidate.pk).is_administrator


def test_the_end_of_the_way_is_for_administrators(declarant: User, candidate: User) -> None:
    assert [logged_in(user).get(DONE).status_code for user in (declarant, candidate)] == [404, 404]


def test_an_administrator_without_declarations_reads_so(administrator: User) -> None:
    EstablishmentDeclaration.objects.all().delete()
    assertContains(logged_in(administrator).get(DONE), "Aucune déclaration n'est encore choisie")
