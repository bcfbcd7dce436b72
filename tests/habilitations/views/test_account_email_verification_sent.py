"""« Adresse à valider »: shown after a log-in that was too early (G3.15)."""

from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains


def test_a_visitor_who_comes_by_himself_sees_no_address(db: None) -> None:
    page = Client().get(reverse("account_email_verification_sent"))
    assertContains(page, "Validez votre adresse")
    assertNotContains(page, "@")
