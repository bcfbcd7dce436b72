"""Who is asking, and whose establishments he acts for (G0.6, G1.3, G3.5, G4.1)."""

import datetime as dt

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory
from pytest_django import Settings

from accounts.access import (
    CANDIDATE,
    NOT_ADMINISTRATOR,
    Reach,
    administration,
    colleagues,
    factors,
    has_factor,
    managed_places,
    must_have_factor,
    person,
    reach,
)
from accounts.models import User
from portal.kit.decision import ALLOWED, Decision
from tests.factories.accounts import EstablishmentFactory, UserFactory
from tests.people import Company

DAY = dt.date(2027, 1, 20)


def test_the_head_office_reaches_the_whole_enterprise(administrator: User, stranger: User, company: Company) -> None:
    """G0.6."""
    within = reach(administrator)
    assert within == Reach(company.enterprise.siren, whole=True, establishment_id=company.head_office.pk)
    places = [company.head_office, company.secondary, stranger.establishment]
    assert [within.covers(place) for place in places if place] == [True, True, False]


@pytest.mark.parametrize("who", ["secondary_administrator", "declarant"])
def test_everybody_else_reaches_his_own_establishment(
    who: str, company: Company, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(who)
    within = reach(user)
    assert within == Reach(company.enterprise.siren, whole=False, establishment_id=user.establishment_id)
    places = [company.head_office, company.secondary]
    assert [within.covers(place) for place in places] == [user.establishment == place for place in places]


def test_staff_reach_nothing(staff: User, company: Company) -> None:
    within = reach(staff)
    assert within == Reach("", whole=False, establishment_id=None)
    assert not within.covers(company.head_office)


def test_an_administrator_manages_open_places_head_office_first(
    administrator: User, secondary_administrator: User, stranger: User, company: Company
) -> None:
    # Made in another order than that of the SIRETs; the head office's is not the lowest.
    later = EstablishmentFactory(enterprise=company.enterprise, number=8)
    sooner = EstablishmentFactory(enterprise=company.enterprise, number=0)
    EstablishmentFactory(enterprise=company.enterprise, number=9, closed_on=dt.date(2026, 12, 31))
    # A colleague at the head office would show it twice if people were looked at.
    UserFactory(establishment=company.head_office)
    assert list(managed_places(administrator, DAY)) == [company.head_office, sooner, company.secondary, later]
    assert list(managed_places(secondary_administrator, DAY)) == [company.secondary]
    assert list(managed_places(stranger, DAY)) == [stranger.establishment]


def test_colleagues_are_those_within_reach_and_no_candidate(
    administrator: User,
    secondary_administrator: User,
    declarant: User,
    candidate: User,
    suspended: User,
    stranger: User,
    company: Company,
) -> None:
    """G3.5, G4.4: an invited déclarant counts before his address is validated, a self-registered administrator not."""
    invited = UserFactory(establishment=company.secondary, state=User.State.UNVERIFIED)
    UserFactory(establishment=company.secondary, state=User.State.UNVERIFIED, administrator=True)
    assert set(colleagues(administrator)) == {administrator, secondary_administrator, declarant, suspended, invited}
    assert set(colleagues(secondary_administrator)) == {secondary_administrator, invited}
    assert list(colleagues(stranger)) == [stranger]


def test_staff_have_no_colleagues(staff: User, declarant: User) -> None:
    assert list(colleagues(staff)) == []


@pytest.mark.parametrize(
    ("who", "answer"),
    [
        ("administrator", ALLOWED),
        ("secondary_administrator", ALLOWED),
        ("candidate", CANDIDATE),
        ("declarant", NOT_ADMINISTRATOR),
        ("suspended", NOT_ADMINISTRATOR),
        ("staff", NOT_ADMINISTRATOR),
    ],
)
def test_administration_is_for_active_administrators(
    who: str, answer: Decision, request: pytest.FixtureRequest
) -> None:
    """G1.3, G4.1."""
    assert administration(request.getfixturevalue(who)) == answer


def test_the_person_is_whoever_is_logged_in(declarant: User) -> None:
    request = RequestFactory().get("/")
    request.user = declarant
    assert person(request) is declarant
    request.user = AnonymousUser()
    with pytest.raises(PermissionDenied):
        person(request)


def authenticator(user: User, kind: str, minute: int) -> Authenticator:
    made = Authenticator.objects.create(user=user, type=kind, data={})
    made.created_at = dt.datetime(2027, 1, 20, 9, minute, tzinfo=dt.UTC)
    made.save()
    return made


def test_factors_come_oldest_first_and_are_ones_own(declarant: User, stranger: User) -> None:
    kinds = Authenticator.Type
    late = authenticator(declarant, kinds.TOTP, 3)
    early = authenticator(declarant, kinds.RECOVERY_CODES, 1)
    together = authenticator(declarant, kinds.WEBAUTHN, 3)
    authenticator(stranger, kinds.TOTP, 2)
    assert factors(declarant) == [early, late, together]


def test_recovery_codes_alone_are_no_factor(declarant: User, stranger: User) -> None:
    authenticator(stranger, Authenticator.Type.TOTP, 1)
    assert not has_factor(declarant)
    authenticator(declarant, Authenticator.Type.RECOVERY_CODES, 1)
    assert not has_factor(declarant)
    authenticator(declarant, Authenticator.Type.WEBAUTHN, 1)
    assert has_factor(declarant)


@pytest.mark.parametrize("on", [True, False])
def test_staff_must_have_a_factor_where_it_is_asked(staff: User, declarant: User, settings: Settings, on: bool) -> None:
    """Decision 0022."""
    settings.STAFF_MFA = on
    assert (must_have_factor(staff), must_have_factor(declarant)) == (on, False)
