"""« Administrateur en attente de gestion »: list, confirmation, decision, acknowledgement (G4.4 to G4.6)."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import Establishment, User
from habilitations.models import ATMP, Cooptation, Declaration, Registration
from portal import clock
from tests.conftest import NOW
from tests.factories.accounts import EstablishmentFactory
from tests.factories.habilitations import CooptationFactory
from tests.people import Company, logged_in

LIST = reverse("habilitations:cooptation_list")
CONFIRM = reverse("habilitations:cooptation_confirm")
DECIDE = reverse("habilitations:cooptation_decide")
OUTCOME = reverse("habilitations:cooptation_outcome")


def choice(asked: Cooptation, value: str = "accord", reason: str = "") -> dict[str, str]:
    return {f"{asked.pk}-choice": value, f"{asked.pk}-reason": reason}


@pytest.mark.parametrize("person", ["declarant", "candidate", "staff"])
def test_only_administrators_have_these_pages(person: str, candidate: User, request: pytest.FixtureRequest) -> None:
    """G4.4."""
    client = logged_in(request.getfixturevalue(person))
    posted = choice(candidate.cooptation)
    assert [client.get(LIST).status_code, client.get(OUTCOME).status_code] == [404, 404]
    assert [client.post(url, posted).status_code for url in (CONFIRM, DECIDE)] == [404, 404]
    assert Cooptation.objects.get(pk=candidate.cooptation.pk).status == Cooptation.Status.PENDING


def test_the_list_shows_each_candidate_with_nothing_chosen(administrator: User, candidate: User) -> None:
    """G4.5."""
    page = logged_in(administrator).get(LIST)
    for words in ("Camille Riou", "982\N{NO-BREAK SPACE}820", candidate.email, "2 février 2027", "Accord", "Refus"):
        assertContains(page, words)
    assertNotContains(page, "checked")


def test_nobody_waits(administrator: User) -> None:
    assertContains(logged_in(administrator).get(LIST), "Aucun candidat n'attend.")


def test_candidates_of_another_enterprise_are_never_shown_nor_decided(stranger: User, candidate: User) -> None:
    client = logged_in(stranger)
    assertNotContains(client.get(LIST), "Riou")
    assertContains(client.post(CONFIRM, choice(candidate.cooptation)), "Rien n'est choisi")
    client.post(DECIDE, choice(candidate.cooptation))
    assert Cooptation.objects.get().status == Cooptation.Status.PENDING


def test_every_administrator_of_the_enterprise_may_decide(secondary_administrator: User, candidate: User) -> None:
    """G4.2."""
    logged_in(secondary_administrator).post(DECIDE, choice(candidate.cooptation))
    assert Cooptation.objects.get().decided_by == secondary_administrator


def test_the_confirmation_says_what_will_happen_and_does_nothing(administrator: User, candidate: User) -> None:
    page = logged_in(administrator).post(CONFIRM, choice(candidate.cooptation, "refus", "<b>Inconnu</b>"))
    assertContains(page, "Son compte est supprimé")
    assertContains(page, "&lt;b&gt;Inconnu&lt;/b&gt;")
    assert Cooptation.objects.get().status == Cooptation.Status.PENDING


def test_a_reason_too_long_comes_back_with_every_choice_and_nothing_goes_on(
    administrator: User, candidate: User, company: Company
) -> None:
    other = CooptationFactory(user__establishment=company.secondary, user__last_name="Cadiou")
    page = logged_in(administrator).post(
        CONFIRM, choice(candidate.cooptation) | choice(other, "refus", "trop long " * 31)
    )
    assertContains(page, "300")
    assertContains(page, 'id="error-summary-title"')
    for words in ("Riou", "Cadiou", "trop long trop long"):
        assertContains(page, words)
    assert page.content.decode().count("checked") == 2
    assertNotContains(page, "Confirmez vos décisions")


def test_the_acknowledgement_tells_who_decided_what_and_when(
    administrator: User, candidate: User, company: Company
) -> None:
    """G4.6."""
    other = CooptationFactory(user__establishment=company.secondary, user__last_name="Cadiou")
    posted = choice(candidate.cooptation) | choice(other, "refus", "Inconnue ici")
    page = logged_in(administrator).post(DECIDE, posted, follow=True)
    assertRedirects(page, f"{OUTCOME}?demandes={candidate.cooptation.pk},{other.pk}")
    for words in ("Camille Riou", f"Candidat {other.pseudonym[:8]}, supprimé", "Anaïs Le Goff", "20 janvier 2027 à 10"):
        assertContains(page, words)
    assertNotContains(page, "Cadiou")


def test_a_closed_establishment_is_told_before_the_accord_and_after(administrator: User, candidate: User) -> None:
    """The candidate asked for « Compte AT/MP » while it was open: the decision is taken all the same."""
    asked = Registration.objects.create(user=candidate, number="2027-000001", submitted_at=NOW, profile="enterprise")
    asked.declarations.set(Declaration.objects.filter(code=ATMP))
    refusal = "fermé depuis le 31 décembre 2026 : il ne peut recevoir aucune déclaration."
    client = logged_in(administrator)
    assertNotContains(client.post(CONFIRM, choice(candidate.cooptation)), refusal)
    Establishment.objects.filter(pk=candidate.establishment_id).update(closed_on=dt.date(2026, 12, 31))
    assertContains(client.post(CONFIRM, choice(candidate.cooptation)), refusal)
    page = client.post(DECIDE, choice(candidate.cooptation), follow=True)
    assertContains(page, "Camille Riou")
    assertContains(page, refusal)
    assert User.objects.get(pk=candidate.pk).is_administrator


def test_a_double_submit_decides_once_and_shows_the_same(administrator: User, candidate: User) -> None:
    client = logged_in(administrator)
    first, second = (client.post(DECIDE, choice(candidate.cooptation), follow=True) for _time in range(2))
    assert first.redirect_chain == second.redirect_chain
    assertContains(second, "Camille Riou")


def test_a_candidate_decided_meanwhile_is_shown_as_he_was_decided(
    administrator: User, secondary_administrator: User, candidate: User
) -> None:
    logged_in(secondary_administrator).post(DECIDE, choice(candidate.cooptation))
    page = logged_in(administrator).post(DECIDE, choice(candidate.cooptation, "refus"), follow=True)
    assertContains(page, "Théo Muller")
    assert User.objects.get(pk=candidate.pk).is_administrator


def test_a_request_past_its_deadline_is_not_decided(
    administrator: User, candidate: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """G4.7: the sweep may be late."""
    deadline = candidate.cooptation.deadline
    monkeypatch.setattr(clock, "now", lambda: deadline + dt.timedelta(days=7))
    client = logged_in(administrator)
    assertContains(client.get(LIST), "Aucun candidat n'attend.")
    client.post(DECIDE, choice(candidate.cooptation))
    assert Cooptation.objects.get().status == Cooptation.Status.PENDING


@pytest.mark.parametrize(
    "posted",
    [{}, {"x-choice": "accord"}, {"-choice": "accord"}, {"9" * 30 + "-choice": "accord"}, {"١-choice": "accord"},
     {"1\r\nX: y-choice": "accord"}],
)  # fmt: skip
@pytest.mark.parametrize("url", [CONFIRM, DECIDE])
def test_nonsense_decides_nothing(administrator: User, candidate: User, url: str, posted: dict[str, str]) -> None:
    assert logged_in(administrator).post(url, posted).status_code in (200, 302)
    assert Cooptation.objects.get().status == Cooptation.Status.PENDING


@pytest.mark.parametrize("bad", [{"choice": "peut-être"}, {"reason": "x" * 10_000}, {"reason": "a\0b"}])
def test_a_bad_choice_decides_nothing(administrator: User, candidate: User, bad: dict[str, str]) -> None:
    pk = candidate.cooptation.pk
    posted = choice(candidate.cooptation, "refus") | {f"{pk}-{name}": value for name, value in bad.items()}
    logged_in(administrator).post(DECIDE, posted)
    assert Cooptation.objects.get().status == Cooptation.Status.PENDING


@pytest.mark.parametrize("asked", ["", "abc", "1,2,3", "٣", "9" * 40])
def test_the_acknowledgement_of_nothing_says_so(administrator: User, candidate: User, asked: str) -> None:
    assertContains(logged_in(administrator).get(OUTCOME, {"demandes": asked}), "Aucune décision à montrer.")


@pytest.mark.parametrize("count", [1, 3, 20])
def test_the_list_takes_the_same_queries(
    count: int, administrator: User, company: Company, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    CooptationFactory.create_batch(count, user__establishment=company.head_office)
    client = logged_in(administrator)
    with django_assert_num_queries(4):
        client.get(LIST)


def test_a_visitor_who_follows_the_mail_is_asked_who_he_is(candidate: User) -> None:
    """The link in the mail decides nothing by itself (trust.md, Learned from peers)."""
    assert Client().get(LIST).headers["Location"] == f"{reverse('account_login')}?next={LIST}"


def test_an_establishment_elsewhere_has_its_own_list(administrator: User) -> None:
    CooptationFactory(user__establishment=EstablishmentFactory(head_office=True))
    assertContains(logged_in(administrator).get(LIST), "Aucun candidat n'attend.")
