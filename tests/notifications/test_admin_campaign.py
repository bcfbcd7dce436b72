"""Campaigns in the staff's hands: deposited, previewed, published once, listed for the post (G0.1, G0.3, G0.6)."""

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import JournalEntry, User
from notifications.actions.campaign import RATES
from notifications.models import Campaign, Notification, RateDecision
from notifications.tasks import process_campaigns
from tests.factories.accounts import EstablishmentFactory
from tests.factories.notifications import CampaignFactory, CollectiveRateFactory, RateDecisionFactory
from tests.people import Company, logged_in

HEADER = "siret;code_risque;taux;date_effet;mode"
ADD = reverse("admin:notifications_campaign_add")
DECISIONS = reverse("admin:notifications_ratedecision_changelist")
EXPORT = reverse("admin:notifications_ratedecision_export")


@pytest.fixture
def client(staff: User) -> Client:
    CollectiveRateFactory()
    return logged_in(staff)


def url(name: str, campaign: Campaign) -> str:
    return reverse(f"admin:notifications_campaign_{name}", args=[campaign.pk])


def upload(client: Client, content: str, name: str = "taux.csv") -> Any:
    file = SimpleUploadedFile(name, content.encode())
    return client.post(ADD, {"name": "Campagne 2027", "file": file})


def rate(siret: str, rate: str = "7,39", code: str = "45.2BE") -> str:
    return f"{siret};{code};{rate};01/01/2027;individuel"


def read(client: Client, *lines: str) -> Campaign:
    response = upload(client, "\n".join([HEADER, *lines]))
    process_campaigns()
    campaign = Campaign.objects.latest("id")
    assert response["Location"] == url("change", campaign)
    return campaign


def publish(client: Client, campaign: Campaign) -> None:
    client.post(url("confirm", campaign))
    process_campaigns()
    campaign.refresh_from_db()


def facts(client: Client, campaign: Campaign) -> list[tuple[str, str]]:
    facts: list[tuple[str, str]] = client.get(url("change", campaign)).context["facts"]
    return facts


def test_the_preview_says_who_would_be_told_online_and_who_by_letter(client: Client, company: Company) -> None:
    alone = EstablishmentFactory()
    campaign = read(client, *(rate(p.siret) for p in (company.head_office, company.secondary, alone)))
    assert facts(client, campaign) == [
        ("Seraient notifiés en ligne", "2"),
        ("Seraient à notifier par courrier", "1"),
    ]
    assert not Notification.objects.exists()


def test_the_preview_shows_the_rate_in_force_and_the_new_one(client: Client, company: Company) -> None:
    place = company.head_office
    for day, value, version in (("2026-01-01", "2.1", 1), ("2026-01-01", "3.1", 2), ("2027-06-01", "9", 1)):
        RateDecisionFactory(
            establishment=place, effective_on=dt.date.fromisoformat(day), rate=Decimal(value), version=version
        )
    campaign = read(client, rate(place.siret), rate(company.secondary.siret, "0,0010"))
    rows = [list(row) for row in client.get(url("change", campaign)).context["table"].rows]
    assert rows == [
        ["2", "982\xa0820\xa0011\xa000012", "45.2BE", "Individuel", "3,10\xa0%", "7,39\xa0%", "1er janvier 2027"],
        ["3", "982\xa0820\xa0011\xa000020", "45.2BE", "Individuel", "–", "0,001\xa0%", "1er janvier 2027"],
    ]


@pytest.mark.parametrize("lines", [1, 30])
def test_the_page_of_a_campaign_costs_the_same_whatever_its_length(
    client: Client, company: Company, lines: int
) -> None:
    places = EstablishmentFactory.create_batch(lines)
    campaign = read(client, *(rate(place.siret) for place in places))
    # The upload's message is shown once, and leaves the session.
    client.get(url("change", campaign))
    with CaptureQueriesContext(connection) as queries:
        client.get(url("change", campaign))
    assert len(queries) == 9, [query["sql"][:150] for query in queries]


def test_publishing_is_confirmed_then_done_by_the_job(client: Client, company: Company, staff: User) -> None:
    campaign = read(client, rate(company.head_office.siret), rate(EstablishmentFactory().siret), rate("1"))
    asked = client.get(url("confirm", campaign)).context["sentences"]
    assert asked == [
        "1\xa0notification en ligne : la pastille paraît aussitôt chez les personnes habilitées.",
        "1\xa0établissement sans « Compte AT/MP » : liste « À notifier par courrier ».",
        "1\xa0ligne en erreur, sans effet.",
        "Une décision publiée ne se modifie plus : une autre, plus tard, la remplace.",
    ]
    assert not RateDecision.objects.exists()
    publish(client, campaign)
    assert (campaign.notified, campaign.on_paper, campaign.import_file.outcome) == (1, 1, "OK partiel")
    assert (Notification.objects.count(), RateDecision.objects.count()) == (1, 2)
    assert facts(client, campaign) == [("Notifiés en ligne", "1"), ("À notifier par courrier", "1")]
    assert JournalEntry.objects.get(verb="import.confirm").actor == staff


def test_published_twice_it_publishes_nothing_twice(client: Client, company: Company) -> None:
    campaign = read(client, rate(company.head_office.siret))
    for _time in range(2):
        publish(client, campaign)
    assert (Notification.objects.count(), RateDecision.objects.count(), campaign.notified) == (1, 1, 1)
    assert client.get(url("confirm", campaign))["Location"] == url("change", campaign)


def test_a_campaign_given_up_tells_nobody(client: Client, company: Company) -> None:
    campaign = read(client, rate(company.head_office.siret))
    client.post(url("cancel", campaign))
    publish(client, campaign)
    assert campaign.import_file.status == "cancelled"
    assert not RateDecision.objects.exists()


def test_the_paper_list_holds_those_to_write_to_and_is_searched(client: Client, company: Company) -> None:
    alone = EstablishmentFactory(enterprise__name="Société seule")
    campaign = read(client, rate(company.head_office.siret), rate(alone.siret))
    publish(client, campaign)
    links = dict(client.get(url("change", campaign)).context["links"])
    paper = links["À notifier par courrier"]
    response = client.get(paper)
    assert [decision.establishment for decision in response.context["cl"].result_list] == [alone]
    assert "<h1>À notifier par courrier</h1>" in response.content.decode()
    for text, found in ((alone.siret, 1), ("société", 1), (company.head_office.siret, 0)):
        assert client.get(f"{paper}&q={text}").context["cl"].result_count == found


def exported(client: Client, **params: Any) -> list[str]:
    response = client.get(EXPORT, params)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    lines: list[str] = response.getvalue().decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    return lines


def test_the_paper_list_is_exported_as_filtered(client: Client, company: Company) -> None:
    campaign = CampaignFactory()
    kept = RateDecisionFactory(campaign=campaign, channel="paper", establishment=company.secondary)
    RateDecisionFactory(campaign=campaign)
    RateDecisionFactory(channel="paper")
    lines = exported(client, campaign__id__exact=campaign.pk, channel__exact="paper")
    assert lines == [
        "numéro;siret;destinataire;adresse;code_risque;mode;taux;date_effet;canal",
        f"{kept.number};982\xa0820\xa0011\xa000020;Belharra Logistique;1 RUE DES ESSAIS – 29200 BREST;45.2BE;"
        "Individuel;7,39;01/01/2027;À notifier par courrier",
    ]


def test_no_cell_of_the_export_starts_a_formula(client: Client) -> None:
    RateDecisionFactory(addressee='=HYPERLINK("x")', address="@rue\n-1")
    cells = exported(client)[1].split(";")
    assert [cells[2], cells[3]] == ['"\'=HYPERLINK(""x"")"', "'@rue – -1"]


@pytest.mark.parametrize("rows", [1, 3, 30])
def test_the_export_costs_the_same_whatever_its_length(client: Client, rows: int) -> None:
    RateDecisionFactory.create_batch(rows)
    with CaptureQueriesContext(connection) as queries:
        assert len(exported(client)) == rows + 1
    # The list's own page is built with it: session, user, campaigns of the filter, count and page; then the rows.
    assert len(queries) == 6, [query["sql"][:150] for query in queries]


def test_a_campaign_needs_a_tariff(staff: User) -> None:
    response = upload(logged_in(staff), f"{HEADER}\n")
    message = "Importez d'abord un tarif collectif : les codes risque sont vérifiés avec lui."
    assert response.context["form"].errors == {"file": [message]}


def test_an_empty_file_and_a_nameless_campaign_are_refused_at_their_fields(client: Client) -> None:
    assert upload(client, "").context["form"].errors == {"file": ["Le fichier est vide (0 octet)."]}
    assert client.post(ADD, {}).context["form"].errors == {
        "name": ["Ce champ est obligatoire."],
        "file": ["Choisissez un fichier."],
    }
    assert not Campaign.objects.exists()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"rate": "-1"}, "« -1 » : un taux n'est pas négatif."),
        ({"rate": "100"}, "« 100 » : un taux est inférieur à 100."),
        ({"rate": "abc"}, "« abc » n'est pas un taux : écrivez-le comme 7,39."),
        ({"code": "99.9ZZ"}, "Code risque 99.9ZZ absent du tarif de l'année d'effet."),
    ],
)
def test_a_bad_line_is_shown_with_its_problem(
    client: Client, company: Company, changes: dict[str, str], problem: str
) -> None:
    campaign = read(client, rate(company.head_office.siret, **changes))
    response = client.get(url("change", campaign))
    assert [(p.line, p.message) for p in response.context["problems"]] == [(2, problem)]
    assert campaign.import_file.outcome == "KO"


def test_the_model_can_be_imported(client: Client) -> None:
    EstablishmentFactory(enterprise__siren="732829320", siret="73282932000074")
    model = client.get(reverse("admin:notifications_campaign_model")).getvalue()  # type: ignore[attr-defined]
    file = SimpleUploadedFile("modele.csv", model)
    client.post(ADD, {"name": "Modèle", "file": file})
    process_campaigns()
    assert Campaign.objects.get().import_file.outcome == "OK"


def test_the_page_names_every_column_it_reads(client: Client) -> None:
    columns = client.get(ADD).context["wording"].columns
    named = [(name, required) for _meaning, names, required in columns for name in names.split()]
    assert sorted(name for name, _required in named) == sorted((*RATES.required, *RATES.optional))
    assert {name for name, required in named if required} == set(RATES.required)


def test_a_contradicted_line_is_shown_counted_and_published_as_notified(client: Client, company: Company) -> None:
    """The collective rate of the year is 7.39; the line says 5.00 for twelve people."""
    lines = [f"{HEADER};effectif_n2", f"{rate(company.head_office.siret, '5,00')};12"]
    upload(client, "\n".join(lines))
    process_campaigns()
    campaign = Campaign.objects.get()
    response = client.get(url("change", campaign))
    [problem] = response.context["problems"]
    assert (problem.line, problem.column, problem.effect, " ".join(problem.message.split())) == (
        2,
        "taux",
        "Gardée, à vérifier",
        "Les données contredisent la notification : taux notifié 5,00 %, taux calculé 7,39 % ; mode notifié "
        "individuel, mode calculé collectif.",
    )
    assert "<dt>Lignes à vérifier</dt><dd>1</dd>" in response.content.decode()
    assert (
        "1\xa0ligne à vérifier : publiée telle que le fichier la donne."
        in client.get(url("confirm", campaign)).context["sentences"]
    )
    report = client.get(url("problems", campaign)).getvalue().decode("utf-8-sig")  # type: ignore[attr-defined]
    assert report.splitlines()[0] == "ligne;colonne;problème;suite"
    assert report.splitlines()[1].endswith(";Gardée, à vérifier")
    publish(client, campaign)
    decision = RateDecision.objects.get()
    assert decision.rate == Decimal("5")
    page = client.get(reverse("admin:notifications_ratedecision_change", args=[decision.pk])).content.decode()
    assert re.findall(r'<div class="readonly">([0-9,]+)\xa0%</div>', page) == ["5,00", "7,39"]
