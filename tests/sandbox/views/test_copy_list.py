"""« Copies »: the trainer's page, its form, its resets and its cards."""

import re
from io import BytesIO

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from pypdf import PdfReader
from pytest_django import Settings

from accounts.models import User
from portal.kit import french
from sandbox.models import Copy
from sandbox.tasks import load_copies
from tests.factories.accounts import UserFactory
from tests.people import logged_in
from tests.sandbox.copies import load

URL = "/simulateur/copies/"


def trainer() -> User:
    """Of the staff, with that right and no other."""
    user = User.objects.filter(login_key="formateur").first() or UserFactory(staff=True, last_name="formateur")
    User.objects.filter(pk=user.pk).update(is_superuser=False)
    user.user_permissions.add(Permission.objects.get(codename="change_copy"))
    return User.objects.get(pk=user.pk)


def test_only_staff_with_the_right_have_these_pages(client: Client, administrator: User) -> None:
    plain = UserFactory(staff=True, last_name="accueil")
    User.objects.filter(pk=plain.pk).update(is_superuser=False)
    [copy] = load("mono-sans-compte")
    asked = [("get", URL), ("post", f"{URL}charger/"), ("post", f"{URL}{copy.pk}/remettre-a-zero/"),
             ("get", f"{URL}cartes/?copie={copy.pk}")]  # fmt: skip
    for method, path in asked:
        for browser in (client, logged_in(administrator)):
            assert getattr(browser, method)(path)["Location"].startswith("/gestion/connexion/?next=")
        assert getattr(logged_in(User.objects.get(pk=plain.pk)), method)(path).status_code == 403
    copy.refresh_from_db()
    assert (copy.state, Copy.objects.count()) == ("ready", 1)
    assert "/simulateur/copies/" not in client.get("/simulateur/").content.decode()
    assert "/simulateur/copies/" in logged_in(trainer()).get("/simulateur/").content.decode()


def test_copies_are_ordered_with_their_names_and_loaded_by_the_sweep(db: None) -> None:
    browser = logged_in(trainer())
    posted = {"scenario": "mono-sans-compte", "count": "3", "trainees": "Ana B\n\n  Bo   C \n"}
    page = browser.post(f"{URL}charger/", posted, follow=True).content.decode()
    assert ("3\xa0copies demandées" in page, page.count("En attente")) == (True, 3)
    assert f'data-progress-url="{URL}"' in page
    assert f"{URL}cartes/" not in page
    assert 'value="0" max="3"' in page
    assert load_copies() == 3
    page = browser.get(URL).content.decode()
    assert (page.count("Prête"), "data-progress-url" in page) == (3, False)
    assert page.count(f'href="{URL}cartes/?scenario=') == 1
    assert list(Copy.objects.values_list("trainee", flat=True)) == ["Ana B", "Bo C", ""]


@pytest.mark.parametrize(
    ("posted", "told"),
    [
        ({"scenario": "../x", "count": "1"}, "Sélectionnez un choix valide"),
        ({"scenario": "decouverte", "count": "0"}, "supérieure ou égale à 1"),
        ({"scenario": "decouverte", "count": ""}, "obligatoire"),
        ({"scenario": "decouverte", "count": "1", "trainees": "Ana\nBo"}, "2\xa0noms pour 1\xa0copie"),
    ],
)
def test_a_wrong_order_is_refused_at_its_field(db: None, posted: dict[str, str], told: str) -> None:
    page = logged_in(trainer()).post(f"{URL}charger/", posted).content.decode()
    assert (told in page, Copy.objects.count()) == (True, 0)


def test_a_broken_file_is_told_by_its_line(db: None, settings: Settings, tmp_path: object) -> None:
    settings.SCENARIO_FOLDERS = [tmp_path]
    (tmp_path / "essai.yaml").write_text("titre: Essai\nresume: x\nentreprises: non\n")  # type: ignore[operator]
    page = logged_in(trainer()).post(f"{URL}charger/", {"scenario": "essai", "count": "2"}).content.decode()
    assert ("essai.yaml, ligne 3\xa0: «\xa0entreprises\xa0»" in page, Copy.objects.count()) == (True, 0)


def test_a_reset_is_ordered_from_the_page(db: None) -> None:
    one, other = load("mono-sans-compte", 2)
    browser = logged_in(trainer())
    page = browser.post(f"{URL}{one.pk}/remettre-a-zero/", follow=True).content.decode()
    assert "la remise à zéro se fait en arrière-plan" in page
    assert "attend déjà" in browser.post(f"{URL}{one.pk}/remettre-a-zero/", follow=True).content.decode()
    assert load_copies() == 1
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.reset_at is not None, other.reset_at) == (True, None)
    assert browser.post(f"{URL}999/remettre-a-zero/").status_code == 404


def test_a_card_for_each_trainee_is_printed(db: None) -> None:
    first, second = load("decouverte", 2)
    Copy.objects.filter(pk=first.pk).update(trainee="Ana B")
    answer = logged_in(trainer()).get(f"{URL}cartes/", {"scenario": "decouverte"})
    pages = [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(answer.content)).pages]
    assert len(pages) == 2
    for text, copy in zip(pages, (first, second), strict=True):
        assert copy.card["password"] in text
        wanted = [french.siret(one["siret"]) for one in (*copy.card["people"], *copy.card["places"])]
        assert [one for one in wanted if " ".join(one.split()) not in text] == []
        assert "Anaïs Le Goff" in text
    assert ("Ana B" in pages[0], "Ana B" in pages[1]) == (True, False)
    one = logged_in(trainer()).get(f"{URL}cartes/", {"copie": str(second.pk)})
    assert len(PdfReader(BytesIO(one.content)).pages) == 1


@pytest.mark.parametrize("asked", ["scenario=x", "copie=99", "", "copie=²"])
def test_there_is_no_card_of_nothing(db: None, asked: str) -> None:
    assert logged_in(trainer()).get(f"{URL}cartes/?{asked}").status_code == 404


@pytest.mark.parametrize("count", [1, 3, 30])
def test_its_queries_do_not_depend_on_copies(db: None, count: int, django_assert_num_queries: object) -> None:
    Copy.objects.bulk_create(
        Copy(scenario="decouverte", number=number, created_at="2027-01-20T09:00Z") for number in range(count)
    )
    browser = logged_in(trainer())
    # The session, the person, two for his right, the clock's row, two counts, the copies.
    with django_assert_num_queries(8):  # type: ignore[operator]
        page = browser.get(URL).content.decode()
    assert len(re.findall(r"/simulateur/carte/", page)) == count
