"""The staff's print queue (G4.3)."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.models import User
from habilitations.actions.cooptation import choose_route
from habilitations.models import ActivationKey, Cooptation
from tests.factories.accounts import UserFactory
from tests.habilitations.test_keys import NOW
from tests.people import logged_in

URL = reverse("admin:habilitations_activationkey_changelist")


@pytest.fixture
def row(candidate: User) -> ActivationKey:
    choose_route(cooptation=candidate.cooptation, route=Cooptation.Route.KEY, on=NOW)
    return ActivationKey.objects.get()


def run(user: User, action: str, row: ActivationKey) -> tuple[str, str]:
    """Run an action of the list; return the type of the answer, and the key's state."""
    response = logged_in(user).post(URL, {"action": action, "_selected_action": [row.pk]}, follow=True)
    row.refresh_from_db()
    return response.headers["Content-Type"].partition(";")[0], row.state


def test_staff_print_post_note_returns_and_make_again(staff: User, row: ActivationKey) -> None:
    assert run(staff, "post_letters", row) == ("text/html", "to_print")
    assert run(staff, "print_letters", row) == ("application/pdf", "printed")
    assert run(staff, "print_letters", row) == ("text/html", "printed")
    assert run(staff, "post_letters", row) == ("text/html", "posted")
    assert run(staff, "reprint_letters", row) == ("text/html", "replaced")
    again = ActivationKey.objects.get(state="to_print")
    run(staff, "print_letters", again)
    run(staff, "post_letters", again)
    assert run(staff, "return_letters", again) == ("text/html", "returned")


def test_the_letters_are_a_download_that_no_cache_keeps(staff: User, row: ActivationKey) -> None:
    response = logged_in(staff).post(URL, {"action": "print_letters", "_selected_action": [row.pk]})
    assert response.content.startswith(b"%PDF-")
    assert response.headers["Content-Disposition"] == (f'attachment; filename="cles-activation-20270120-{row.pk}.pdf"')
    assert "no-store" in response.headers["Cache-Control"].split(", ")


def test_staff_who_may_only_look_print_nothing(row: ActivationKey) -> None:
    reader = UserFactory(staff=True, is_superuser=False, last_name="lecture")
    reader.user_permissions.set(Permission.objects.filter(codename="view_activationkey"))
    assert run(reader, "print_letters", row) == ("text/html", "to_print")


def test_requests_are_seen_and_not_decided_by_staff(staff: User, candidate: User) -> None:
    """G4.2: the enterprise decides."""
    client = logged_in(staff)
    page = client.get(reverse("admin:habilitations_cooptation_changelist"))
    assert "Camille Riou" in page.content.decode()
    asked = candidate.cooptation
    client.post(reverse("admin:habilitations_cooptation_change", args=[asked.pk]), {"status": "granted"})
    asked.refresh_from_db()
    assert asked.status == Cooptation.Status.PENDING
