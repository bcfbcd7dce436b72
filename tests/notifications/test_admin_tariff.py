"""« Importer un tarif » : the published JSON, taken whole or refused with a sentence at the field."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from notifications.models import CollectiveRate, Tariff
from tests.conftest import NOW
from tests.people import logged_in

ADD = reverse("admin:notifications_tariff_add")
ROW = {"Code risque": "45.2BE", "Nature du risque": "Gros œuvre", "Catégorie": "BTP", "Taux net": "7,39 %"}
GOOD = json.dumps([ROW]).encode()


@pytest.fixture
def client(staff: User) -> Client:
    return logged_in(staff)


def upload(client: Client, content: bytes, name: str = "2026.json", **given: Any) -> Any:
    return client.post(ADD, {"file": SimpleUploadedFile(name, content), "source": "essai"} | given)


def test_a_tariff_is_taken_for_the_year_of_its_name(client: Client, staff: User) -> None:
    response = upload(client, GOOD)
    assert response["Location"] == reverse("admin:notifications_tariff_change", args=[2026])
    tariff = Tariff.objects.get()
    assert (tariff.year, tariff.source, tariff.file_name, tariff.imported_by, tariff.imported_at) == (
        2026,
        "essai",
        "2026.json",
        staff,
        NOW,
    )
    told = "Tarif 2026 : 1\xa0code risque, 1\xa0ajouté, 0\xa0modifié, 0\xa0retiré."
    assert told in client.get(response["Location"]).content.decode()


def test_a_year_that_is_typed_wins(client: Client) -> None:
    upload(client, GOOD, year="2027")
    assert list(Tariff.objects.values_list("year", flat=True)) == [2027]


def test_a_year_that_nobody_says_is_asked_for(client: Client) -> None:
    response = upload(client, GOOD, name="taux.json")
    assert response.context["form"].errors == {"year": ["Indiquez l'année : le nom du fichier ne la dit pas."]}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Le fichier est vide."),
        (GOOD[:-20], "Le fichier est tronqué : il s'arrête à la ligne 1."),
        (b"siret;taux\n", "Ce n'est pas du JSON : ligne 1, colonne 1."),
        (
            json.dumps([{"Code": "45.2BE"}]).encode(),
            "Élément 1 : il manque « code risque » (clés trouvées : Code).",
        ),
        (b"{}", "Une liste de taux est attendue, le fichier contient autre chose."),
        (b"PK\x03\x04\xff", "Le fichier n'est pas du texte UTF-8 : ce n'est pas un tarif publié."),
    ],
)
def test_a_file_that_is_no_tariff_is_refused_at_its_field(client: Client, content: bytes, sentence: str) -> None:
    response = upload(client, content)
    assert response.context["form"].errors == {"file": [sentence]}
    assert not Tariff.objects.exists()


def test_a_year_out_of_reach_is_refused(client: Client) -> None:
    response = upload(client, GOOD, year="1850")
    assert response.context["form"].errors == {"file": ["L'année 1850 n'est pas entre 2000 et 2100."]}


@pytest.mark.open_data
def test_the_published_tariff_is_taken_as_it_is(client: Client, open_data: Path) -> None:
    upload(client, (open_data / "rates" / "2026.json").read_bytes())
    assert CollectiveRate.objects.count() == 216
