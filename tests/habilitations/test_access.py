"""Where « Compte AT/MP » is open to a person, and the reason when it is not (G0.6, G1.4, G2.8, G4.1)."""

import datetime as dt
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import Establishment, User
from habilitations.access import (
    NOT_REGISTERED,
    OUTSIDE,
    atmp_access,
    atmp_scope,
    decided_cooptations,
    declarants_of,
    letter_access,
    pending_cooptations,
)
from habilitations.models import ActivationKey, Cooptation, EstablishmentDeclaration, Habilitation
from portal.kit.decision import ALLOWED, Decision
from tests.factories.accounts import EstablishmentFactory, UserFactory
from tests.factories.habilitations import CooptationFactory, EstablishmentDeclarationFactory, HabilitationFactory
from tests.people import Company

AT = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)


def sirets(user: User, at: dt.datetime = AT) -> list[str]:
    return list(atmp_scope(user, at).establishments.order_by("siret").values_list("siret", flat=True))


def refusal(user: User, at: dt.datetime = AT) -> str:
    decision = atmp_scope(user, at).decision
    assert not decision.allowed
    assert decision.reason
    return decision.rule


def test_the_head_office_opens_every_establishment_to_its_administrator(administrator: User, company: Company) -> None:
    """G0.6: registering the head office is enough."""
    scope = atmp_scope(administrator, AT)
    assert (scope.decision.allowed, scope.whole, scope.siren) == (True, True, company.enterprise.siren)
    assert atmp_access(administrator, company.secondary, AT).allowed


def test_a_secondary_administrator_has_his_own_establishment_only(
    secondary_administrator: User, company: Company
) -> None:
    assert sirets(secondary_administrator) == [company.secondary.siret]
    assert atmp_access(secondary_administrator, company.secondary, AT).allowed
    assert atmp_access(secondary_administrator, company.head_office, AT).rule == "G1.4"


def test_a_declarant_has_what_was_granted(declarant: User, company: Company) -> None:
    """G1.5: ticked is granted."""
    assert sirets(declarant) == [company.head_office.siret]
    assert atmp_access(declarant, company.head_office, AT).allowed
    assert atmp_access(declarant, company.secondary, AT).rule == "G1.4"


def test_a_right_taken_back_counts_at_once(declarant: User) -> None:
    Habilitation.objects.all().delete()
    assert refusal(declarant) == "G1.4"


def test_a_declarant_without_right_is_told_so(declarant_without_right: User, company: Company) -> None:
    assert refusal(declarant_without_right) == "G1.4"
    assert sirets(declarant_without_right) == []


def test_a_right_on_another_enterprise_gives_nothing(declarant: User, stranger: User) -> None:
    elsewhere = stranger.establishment
    assert elsewhere is not None
    HabilitationFactory(user=declarant, establishment=elsewhere)
    assert elsewhere.siret not in sirets(declarant)
    assert atmp_access(declarant, elsewhere, AT).rule == "G0.2"


def test_a_right_elsewhere_is_not_taken_for_one_here(declarant_without_right: User, stranger: User) -> None:
    """Looking at rights without their enterprise would allow, and show nothing (G1.4)."""
    HabilitationFactory(user=declarant_without_right, establishment=stranger.establishment)
    assert refusal(declarant_without_right) == "G1.4"


def test_an_enterprise_that_is_not_registered_is_told_so(administrator: User, declarant: User) -> None:
    EstablishmentDeclaration.objects.all().delete()
    assert (refusal(administrator), refusal(declarant)) == ("G0.1", "G0.1")


def test_a_secondary_registered_alone_is_all_that_opens(administrator: User, company: Company) -> None:
    EstablishmentDeclaration.objects.update(establishment=company.secondary)
    scope = atmp_scope(administrator, AT)
    assert (scope.whole, sirets(administrator)) == (False, [company.secondary.siret])
    assert atmp_access(administrator, company.head_office, AT).rule == "G0.1"


def test_while_the_head_offices_delay_runs_an_older_registration_stays_open(
    administrator: User, secondary_administrator: User, company: Company
) -> None:
    """G2.8: taking the earliest registration of the enterprise for the head office's would open everything."""
    EstablishmentDeclaration.objects.update(opens_at=AT + dt.timedelta(hours=1))
    EstablishmentDeclarationFactory(establishment=company.secondary)
    assert (atmp_scope(administrator, AT).whole, sirets(administrator)) == (False, [company.secondary.siret])
    assert atmp_access(administrator, company.head_office, AT).rule == "G2.8"
    assert sirets(secondary_administrator) == [company.secondary.siret]


def test_another_establishments_registration_opens_nothing_to_a_declarant(company: Company) -> None:
    EstablishmentDeclaration.objects.update(establishment=company.secondary)
    third = EstablishmentFactory(enterprise=company.enterprise, number=3)
    user = UserFactory(establishment=third)
    HabilitationFactory(user=user)
    assert refusal(user) == "G0.1"


@pytest.mark.parametrize(("minutes", "allowed"), [(-1, False), (0, True)])
def test_the_delay_opens_to_the_minute(
    administrator: User, declarant: User, company: Company, minutes: int, allowed: bool
) -> None:
    """G2.8: usable once the access delay has run."""
    opening = AT + dt.timedelta(hours=6)
    EstablishmentDeclaration.objects.update(opens_at=opening)
    at = opening + dt.timedelta(minutes=minutes)
    people = (administrator, declarant)
    assert [atmp_scope(user, at).decision.allowed for user in people] == [allowed, allowed]
    assert [atmp_access(user, company.head_office, at).allowed for user in people] == [allowed, allowed]


def test_a_running_delay_says_until_when(administrator: User) -> None:
    EstablishmentDeclaration.objects.update(opens_at=dt.datetime(2027, 2, 1, 8, 5, tzinfo=dt.UTC))
    decision = atmp_scope(administrator, AT).decision
    assert (decision.rule, "1er février 2027 à 9 h 05" in decision.reason.replace("\xa0", " ")) == ("G2.8", True)


@pytest.mark.parametrize(("who", "rule"), [("candidate", "G4.1"), ("suspended", "G0.2"), ("staff", "G0.2")])
def test_people_who_are_not_in_have_nothing(
    request: pytest.FixtureRequest, company: Company, who: str, rule: str
) -> None:
    user: User = request.getfixturevalue(who)
    assert refusal(user) == rule
    assert atmp_access(user, company.head_office, AT).rule == rule


def test_a_tiers_declarant_has_no_clients_account_by_itself(tiers_declarant: User, company: Company) -> None:
    """G0.2: a stranger's establishment is refused, whatever one's own registration."""
    assert atmp_access(tiers_declarant, company.head_office, AT).rule == "G0.2"


def test_a_new_secondary_establishment_is_open_at_once(administrator: User, company: Company) -> None:
    """G0.6, a new one included."""
    added = EstablishmentFactory(enterprise=company.enterprise, number=9)
    assert atmp_access(administrator, added, AT).allowed


def test_the_scope_costs_the_same_for_one_and_fifty_establishments(
    declarant: User, company: Company, django_assert_num_queries: Any
) -> None:
    for number in range(10, 60):
        place = EstablishmentFactory(enterprise=company.enterprise, number=number)
        HabilitationFactory(user=declarant, establishment=place)
    user = User.objects.select_related("establishment").get(pk=declarant.pk)
    with django_assert_num_queries(1):
        atmp_scope(user, AT)
    assert Establishment.objects.count() == 52


@pytest.mark.parametrize("who", ["administrator", "secondary_administrator", "declarant", "declarant_without_right"])
def test_a_refusal_costs_three_queries_at_the_most(
    request: pytest.FixtureRequest, company: Company, who: str, django_assert_max_num_queries: Any
) -> None:
    user = User.objects.select_related("establishment").get(pk=request.getfixturevalue(who).pk)
    EstablishmentDeclaration.objects.update(opens_at=AT + dt.timedelta(hours=1))
    with django_assert_max_num_queries(3):
        assert not atmp_scope(user, AT).decision.allowed


def test_a_registration_elsewhere_does_not_leak(administrator: User) -> None:
    EstablishmentDeclaration.objects.all().delete()
    EstablishmentDeclarationFactory()
    assert refusal(administrator) == "G0.1"


def test_a_running_delay_is_said_whole(administrator: User, company: Company) -> None:
    """G2.8: the earliest opening is the one that is told."""
    EstablishmentDeclaration.objects.update(opens_at=AT + dt.timedelta(hours=1))
    EstablishmentDeclarationFactory(establishment=company.secondary, opens_at=AT + dt.timedelta(minutes=5))
    said = [atmp_access(administrator, place, AT) for place in (company.head_office, company.secondary)]
    said.append(atmp_scope(administrator, AT).decision)
    assert [decision.reason.replace("\N{NO-BREAK SPACE}", " ") for decision in said] == [
        "Le délai d'accès au « Compte AT/MP » court jusqu'au 20 janvier 2027 à 11 h 00.",
        "Le délai d'accès au « Compte AT/MP » court jusqu'au 20 janvier 2027 à 10 h 05.",
        "Le délai d'accès au « Compte AT/MP » court jusqu'au 20 janvier 2027 à 10 h 05.",
    ]
    rest = [(decision.allowed, decision.rule, decision.remedy) for decision in said]
    assert rest == [(False, "G2.8", "Revenez à ce moment : rien d'autre n'est à faire.")] * 3


def test_what_is_shut_shows_no_establishment_and_no_siren(candidate: User, administrator: User) -> None:
    shut = atmp_scope(candidate, AT)
    assert (shut.siren, shut.whole, list(shut.establishments)) == ("", False, [])
    # All of them: named by the SIREN, so none is listed.
    assert list(atmp_scope(administrator, AT).establishments) == []


def test_a_secondary_administrator_keeps_the_siren_of_his_enterprise(
    secondary_administrator: User, company: Company
) -> None:
    scope = atmp_scope(secondary_administrator, AT)
    assert (scope.siren, scope.whole, scope.decision) == (company.enterprise.siren, False, ALLOWED)


def test_a_secondary_administrator_is_told_what_his_own_establishment_lacks(
    secondary_administrator: User, company: Company
) -> None:
    """G0.1: a third establishment's registration opens nothing to him, and is not taken for his."""
    EstablishmentDeclaration.objects.all().delete()
    EstablishmentDeclarationFactory(establishment=EstablishmentFactory(enterprise=company.enterprise, number=3))
    assert atmp_scope(secondary_administrator, AT).decision == NOT_REGISTERED
    # The head office's, still to open, covers his.
    EstablishmentDeclarationFactory(establishment=company.head_office, opens_at=AT + dt.timedelta(hours=1))
    assert refusal(secondary_administrator) == "G2.8"


def test_a_declarant_is_told_of_the_head_offices_running_delay(declarant: User, company: Company) -> None:
    Habilitation.objects.update(establishment=company.secondary)
    EstablishmentDeclaration.objects.update(opens_at=AT + dt.timedelta(hours=1))
    assert refusal(declarant) == "G2.8"


def test_anothers_establishment_is_told_to_be_anothers(administrator: User, stranger: User) -> None:
    """G0.2."""
    assert stranger.establishment is not None
    assert atmp_access(administrator, stranger.establishment, AT) == OUTSIDE


def test_another_enterprises_head_office_opens_nothing(secondary_administrator: User, stranger: User) -> None:
    """G0.6: the stranger's is registered, one's own is not."""
    EstablishmentDeclaration.objects.exclude(establishment=stranger.establishment).delete()
    assert (refusal(secondary_administrator), sirets(secondary_administrator)) == ("G0.1", [])


def test_rights_are_given_to_active_declarants_of_the_enterprise(
    administrator: User, declarant: User, declarant_without_right: User, stranger: User, company: Company
) -> None:
    """G1.5: at any of its establishments."""
    elsewhere = UserFactory(establishment=company.secondary)
    UserFactory(establishment=company.secondary, state=User.State.SUSPENDED)
    UserFactory(establishment=stranger.establishment)
    assert set(declarants_of(company.secondary)) == {declarant, declarant_without_right, elsewhere}


def test_candidates_are_shown_to_the_administrators_of_their_enterprise(
    administrator: User, secondary_administrator: User, declarant: User, suspended: User, stranger: User, staff: User
) -> None:
    """G4.2, G4.4, G4.6: who waits, and apart from them what was decided."""
    waiting = CooptationFactory(user__establishment=administrator.establishment)
    decided = CooptationFactory(
        user__establishment=administrator.establishment,
        user__state=User.State.ACTIVE,
        status=Cooptation.Status.GRANTED,
        decided_at=AT,
    )
    theirs = CooptationFactory(user__establishment=stranger.establishment)
    allowed = [administrator, secondary_administrator, stranger]
    assert [list(pending_cooptations(user, AT)) for user in allowed] == [[waiting], [waiting], [theirs]]
    assert [list(decided_cooptations(user)) for user in allowed] == [[decided], [decided], []]
    for user in (declarant, suspended, staff, waiting.user):
        assert (list(pending_cooptations(user, AT)), list(decided_cooptations(user))) == ([], [])
    assert list(pending_cooptations(administrator, waiting.deadline)) == []


def test_a_letter_is_offered_while_none_waits_and_some_are_left(candidate: User, settings: Settings) -> None:
    """G4.3; trust.md, peers: the letters of somebody else's request are not counted."""
    settings.KEY_LETTERS_MAX = 2
    cooptation = candidate.cooptation
    for _letter in range(2):
        other = ActivationKey.objects.create(cooptation=CooptationFactory(), asked_at=AT)
    assert letter_access(cooptation) == ALLOWED
    ActivationKey.objects.create(cooptation=cooptation, asked_at=AT)
    waits = Decision(allowed=False, rule="G4.3", reason="Une lettre attend déjà d'être imprimée.")
    assert [letter_access(asked) for asked in (cooptation, other.cooptation)] == [waits, waits]
    ActivationKey.objects.filter(cooptation=cooptation).update(state=ActivationKey.State.RETURNED, key_hash="x")
    assert letter_access(cooptation) == ALLOWED
    ActivationKey.objects.create(cooptation=cooptation, asked_at=AT, state=ActivationKey.State.RETURNED, key_hash="y")
    assert letter_access(cooptation).reason == "2 lettres ont déjà été demandées : choisissez la cooptation."
