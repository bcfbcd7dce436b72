"""« Importer un répertoire » : deposited, read by the job, previewed, applied or given up, reported."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.actions.register import OPTIONAL, REQUIRED
from accounts.models import Establishment, ImportFile, ImportProblem, JournalEntry, User
from accounts.tasks import process_register_files
from tests.people import logged_in

HEADER = "siret;etablissementSiege;denominationUniteLegale;etatAdministratifEtablissement"
A1, A2, B1 = "73282932000074", "73282932000082", "20003452800014"
GOOD = f"{HEADER}\n{A1};true;ALPHA;A\n{B1};true;BETA;A\n{A2};peut-être;ALPHA;A\n"
ADD = reverse("admin:accounts_importfile_add")


@pytest.fixture
def client(staff: User) -> Client:
    return logged_in(staff)


def url(name: str, import_file: ImportFile) -> str:
    return reverse(f"admin:accounts_importfile_{name}", args=[import_file.pk])


def upload(client: Client, content: bytes | str, name: str = "stock.csv") -> Any:
    data = content.encode() if isinstance(content, str) else content
    return client.post(ADD, {"file": SimpleUploadedFile(name, data)})


def read(client: Client, content: bytes | str, name: str = "stock.csv") -> ImportFile:
    import_file_url = upload(client, content, name)["Location"]
    process_register_files()
    import_file = ImportFile.objects.get()
    assert import_file_url == url("change", import_file)
    return import_file


def shown(client: Client, import_file: ImportFile) -> str:
    response = client.get(url("change", import_file))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_a_file_waits_for_the_job_and_says_so(client: Client, staff: User) -> None:
    response = upload(client, GOOD)
    import_file = ImportFile.objects.get()
    assert response["Location"] == url("change", import_file)
    assert import_file.created_by == staff
    content = shown(client, import_file)
    assert "Le fichier attend que le prochain passage le lise, dans quelques secondes." in content
    assert f'data-progress-url="{url("change", import_file)}"' in content
    assert "Actualiser" in content


def test_a_file_read_is_previewed_and_nothing_is_written(client: Client) -> None:
    import_file = read(client, GOOD)
    response = client.get(url("change", import_file))
    assert [list(row) for row in response.context["table"].rows] == [
        ["2", "732\xa0829\xa0320\xa000074", "ALPHA", "oui", "", "", "nouveau"],
        ["3", "200\xa0034\xa0528\xa000014", "BETA", "oui", "", "", "nouveau"],
    ]
    assert [(p.line, p.message) for p in response.context["problems"]] == [
        (4, "« peut-être » : écrivez true ou false.")
    ]
    content = shown(client, import_file)
    assert "data-progress-url" not in content
    assert "OK partiel" in content
    assert not Establishment.objects.exists()


def test_a_known_establishment_is_previewed_as_modified(client: Client) -> None:
    read(client, f"{HEADER}\n{A1};true;ALPHA;A\n")
    client.post(url("confirm", ImportFile.objects.get()))
    process_register_files()
    upload(client, f"{HEADER}\n{A1};true;ALPHA SAS;A\n")
    process_register_files()
    response = client.get(url("change", ImportFile.objects.latest("id")))
    assert [row[-1] for row in response.context["table"].rows] == ["modifié"]


def test_a_confirmed_file_is_applied_by_the_job_and_reported(client: Client, staff: User) -> None:
    import_file = read(client, GOOD)
    asked = client.get(url("confirm", import_file))
    assert asked.context["sentences"][0].startswith("2\xa0lignes seront écrites dans le répertoire")
    assert client.post(url("confirm", import_file))["Location"] == url("change", import_file)
    assert "Lots appliqués" in shown(client, import_file)
    process_register_files()
    import_file.refresh_from_db()
    assert (import_file.status, import_file.outcome, import_file.applied_by) == ("applied", "OK partiel", staff)
    assert set(Establishment.objects.values_list("siret", flat=True)) == {A1, B1}
    content = shown(client, import_file)
    assert "Terminé" in content
    assert "« peut-être »" in content


def test_confirmed_twice_it_is_applied_once(client: Client) -> None:
    import_file = read(client, GOOD)
    for _time in range(2):
        client.post(url("confirm", import_file))
    process_register_files()
    again = client.post(url("confirm", import_file), follow=True)
    told = [str(message) for message in again.context["messages"]]
    assert told[-1] == "Ce fichier n'attendait plus de décision : rien n'a changé."
    assert JournalEntry.objects.filter(verb="import.confirm").count() == 1
    assert client.get(url("confirm", import_file)).status_code == 302


def test_a_file_given_up_writes_nothing(client: Client) -> None:
    import_file = read(client, GOOD)
    assert client.get(url("cancel", import_file)).context["sentences"][0] == "Rien ne sera écrit."
    client.post(url("cancel", import_file))
    client.post(url("confirm", import_file))
    process_register_files()
    assert ImportFile.objects.get().status == "cancelled"
    assert not Establishment.objects.exists()
    assert "Abandonné" in shown(client, import_file)


def test_looking_changes_nothing(client: Client) -> None:
    import_file = read(client, GOOD)
    for name in ("confirm", "cancel", "change", "problems"):
        client.get(url(name, import_file))
    assert ImportFile.objects.get().status == "checked"


def test_a_file_that_changes_nothing_has_nothing_to_apply(client: Client) -> None:
    read(client, f"{HEADER}\n{A1};true;ALPHA;A\n")
    client.post(url("confirm", ImportFile.objects.get()))
    process_register_files()
    upload(client, f"{HEADER}\n{A1};true;ALPHA;A\n")
    process_register_files()
    again = ImportFile.objects.latest("id")
    content = shown(client, again)
    assert "Ce fichier ne change rien" in content
    assert url("confirm", again) not in content


def test_an_empty_file_is_refused_at_the_field(client: Client) -> None:
    response = upload(client, b"")
    assert response.context["form"].errors == {"file": ["Le fichier est vide (0 octet)."]}
    assert not ImportFile.objects.exists()


def test_no_file_is_asked_for_at_the_field(client: Client) -> None:
    response = client.post(ADD)
    assert response.context["form"].errors == {"file": ["Choisissez un fichier."]}


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (
            b"PK\x03\x04\x14\0\6\0classeur",
            "Ce fichier n'est pas un texte CSV : enregistrez-le au format CSV depuis le tableur.",
        ),
        (
            b"siret;nom\n1;2\n",
            "La première ligne doit nommer les colonnes ; il manque : etablissementSiege, "
            "denominationUniteLegale, etatAdministratifEtablissement. Elle contient : siret;nom",
        ),
        (HEADER.encode(), "Le fichier n'a aucune ligne sous ses titres de colonnes."),
    ],
)
def test_a_file_that_cannot_be_read_says_why(client: Client, content: bytes, refusal: str) -> None:
    import_file = read(client, content)
    assert (import_file.outcome, import_file.refusal) == ("KO", refusal)
    assert "Rien n'a été écrit" in shown(client, import_file).replace("&#x27;", "'")


def test_a_file_that_got_lost_says_so_and_lets_the_next_one_be_read(client: Client) -> None:
    upload(client, GOOD)
    lost = ImportFile.objects.get()
    lost.upload.storage.delete(lost.upload.name)
    upload(client, f"{HEADER}\n{A1};true;ALPHA;A\n")
    process_register_files()
    lost.refresh_from_db()
    assert (lost.outcome, lost.refusal) == ("KO", "Le fichier déposé n'est plus là : déposez-le de nouveau.")
    assert ImportFile.objects.latest("id").status == "checked"


def test_a_file_name_cannot_climb_out_of_its_folder(client: Client) -> None:
    import_file = read(client, GOOD, name="../../etc/x.csv")
    assert import_file.name == "x.csv"


def test_a_file_name_is_text_on_every_page(client: Client) -> None:
    import_file = read(client, GOOD, name="<script>alert(1)<script>.csv")
    assert "<script>alert" not in shown(client, import_file)
    assert "<script>alert" not in client.get(reverse("admin:accounts_importfile_changelist")).content.decode()


def test_the_page_shows_200_problems_and_the_report_all_of_them(client: Client) -> None:
    import_file = read(client, "\n".join([HEADER, *(f"{n};true;X;A" for n in range(230))]))
    response = client.get(url("change", import_file))
    assert (len(response.context["problems"]), response.context["more_problems"]) == (200, True)
    report = client.get(url("problems", import_file)).getvalue().decode("utf-8")  # type: ignore[attr-defined]
    assert report.startswith("\N{BYTE ORDER MARK}ligne;colonne;problème;suite\r\n2;siret;")
    assert len(report.splitlines()) == 231


def test_no_cell_of_the_report_starts_a_formula(client: Client) -> None:
    import_file = read(client, GOOD)
    for text in ("=1+1", "+1", "-1", "@A1", "  =1", "\t=1"):
        ImportProblem.objects.create(import_file=import_file, line=9, column=text, message=text)
    report = client.get(url("problems", import_file)).getvalue().decode("utf-8-sig")  # type: ignore[attr-defined]
    cells = [cell for line in report.splitlines() for cell in line.split(";")]
    assert [cell for cell in cells if cell.strip(' "').startswith(("=", "+", "-", "@", "\t"))] == []
    assert "'=1+1" in cells


def test_the_model_can_be_imported(client: Client) -> None:
    model = client.get(reverse("admin:accounts_importfile_model")).getvalue()  # type: ignore[attr-defined]
    import_file = read(client, model)
    assert (import_file.outcome, import_file.good) == ("OK", 1)


def test_every_column_that_is_read_is_explained(client: Client) -> None:
    columns = client.get(ADD).context["wording"].columns
    named = {name for _meaning, names, _required in columns for name in names.split()}
    assert {name for name in (*REQUIRED, *OPTIONAL) if not name.startswith("effectif")} == {
        name for name in named if not name.startswith("effectif")
    }
    assert {names for _meaning, names, required in columns if required} == set(REQUIRED)


def test_a_file_of_rates_is_not_reached_as_a_register(client: Client) -> None:
    rates = ImportFile.objects.create(
        kind="rates", name="taux.csv", size=1, sha256="", status="checked", created_at="2027-01-20T09:00Z"
    )
    assert client.get(url("change", rates)).status_code == 404
    assert client.post(url("confirm", rates)).status_code == 404
