"""Second factors: the rule of the codes, removal by staff or by the operator, and tries that come all at once."""

import datetime as dt
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.urls import reverse
from pytest_django.asserts import assertContains

from accounts.actions.factors import reset_factors, use_code
from accounts.models import JournalEntry, User
from accounts.rules.codes import STEP_SECONDS, code_at, digits, in_groups, new_secret, step_of
from tests.conftest import NOW
from tests.factories.accounts import UserFactory
from tests.factors import SECRET, STEP, gives_password, with_application, with_passkey
from tests.people import logged_in

PEOPLE = reverse("admin:accounts_user_changelist")
# RFC 6238, appendix B, SHA-1, the last six digits; its key is « 12345678901234567890 ».
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC_CODES = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"}


@pytest.mark.parametrize(("seconds", "code"), RFC_CODES.items())
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert code_at(RFC_SECRET, seconds // STEP_SECONDS) == code


def test_a_step_is_taken_once_and_never_an_older_one() -> None:
    codes = {step: code_at(SECRET, STEP + step) for step in (-2, -1, 0, 1, 2)}
    assert {step: step_of(SECRET, code, NOW) for step, code in codes.items()} == {
        -2: None, -1: STEP - 1, 0: STEP, 1: STEP + 1, 2: None
    }  # fmt: skip
    assert [step_of(SECRET, codes[step], NOW, after=STEP) for step in (-1, 0, 1)] == [None, None, STEP + 1]


@pytest.mark.parametrize(
    ("typed", "read"),
    [("123 456", "123456"), (" 1234-5678\t", "12345678"), ("12a", ""), ("", ""), ("٣٣٣٣٣٣", ""), ("²23456", "")],
)
def test_a_typed_code_is_its_digits(typed: str, read: str) -> None:
    assert digits(typed) == read


def test_secrets_are_long_and_never_the_same() -> None:
    secrets = {new_secret() for _one in range(100)}
    assert ({len(one) for one in secrets}, len(secrets), in_groups("12345678")) == ({32}, 100, "1234 5678")


# Removal by staff -----------------------------------------------------------
def ask_removal(by: User, *people: User) -> Any:
    chosen = {"action": "remove_factors", "_selected_action": [one.pk for one in people]}
    return logged_in(by).post(PEOPLE, chosen, follow=True)


def test_staff_remove_the_factors_of_whoever_lost_them(staff: User, declarant: User) -> None:
    with_application(declarant)
    with_passkey(declarant)
    session = logged_in(declarant)
    mail.outbox.clear()
    assertContains(ask_removal(staff, declarant), "1\xa0personne n&#x27;a plus de second facteur.")
    assert not Authenticator.objects.exists()
    assert "retirés par l'équipe" in mail.outbox[0].body
    entry = JournalEntry.objects.get(verb="factor.reset")
    assert (entry.actor, entry.enterprise) == (staff, declarant.establishment.enterprise)  # type: ignore[union-attr]
    assert session is not None


def test_his_sessions_end_and_the_password_is_enough_again(staff: User, declarant: User) -> None:
    code = with_application(declarant)
    client = gives_password(declarant)
    client.post("/connexion/second-facteur/", {"code": code})
    ask_removal(staff, declarant)
    assert client.get("/menu/").status_code == 302
    assert gives_password(declarant).get("/menu/").status_code == 200


def test_nobody_removes_his_own_there(staff: User) -> None:
    with_application(staff)
    assertContains(ask_removal(staff, staff), "Personne ne retire son propre second facteur ici")
    assert Authenticator.objects.count() == 2


def test_a_member_of_staff_is_helped_by_a_superuser_alone(staff: User, declarant: User) -> None:
    """Whoever may correct people could otherwise become his superior."""
    helper = UserFactory(staff=True, last_name="aide", is_superuser=False)
    for user in (staff, declarant):
        with_application(user)
    with pytest.raises(ValidationError, match="superutilisateur"):
        reset_factors(user=staff, by=helper, on=NOW)
    assert reset_factors(user=declarant, by=helper, on=NOW)
    with_application(helper)
    assert reset_factors(user=helper, by=staff, on=NOW)
    assert not reset_factors(user=helper, by=staff, on=NOW)


def test_the_page_of_a_person_says_what_he_has(staff: User, declarant: User) -> None:
    page = reverse("admin:accounts_user_change", args=[declarant.pk])
    assertContains(logged_in(staff).get(page), "Aucun")
    with_passkey(declarant, "Bureau")
    assertContains(logged_in(staff).get(page), "la clé d&#x27;accès « Bureau »")


def test_the_operator_helps_the_last_superuser(staff: User) -> None:
    with_application(staff)
    call_command("remove_factors", "Équipe")
    assert not Authenticator.objects.exists()
    assert JournalEntry.objects.get(verb="factor.reset").actor_name == "Portail"
    with pytest.raises(CommandError, match="aucun second facteur"):
        call_command("remove_factors", "Équipe")
    with pytest.raises(CommandError, match="Personne"):
        call_command("remove_factors", "inconnu")


def test_the_account_is_free_again_when_the_right_code_comes(declarant: User) -> None:
    code = with_application(declarant)
    at = NOW + dt.timedelta(seconds=1)
    for _time in range(4):
        with pytest.raises(ValidationError, match="il a déjà servi"):
            use_code(user=declarant, code="000000", on=NOW, at=at)
    use_code(user=declarant, code=code, on=NOW, at=at)
    with pytest.raises(ValidationError, match="il a déjà servi"):
        use_code(user=declarant, code=code, on=NOW, at=at)
