"""One notification: its cover, and what it says once opened (G5.5)."""

import datetime as dt
import html
import re
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings
from pytest_django.asserts import assertContains, assertNotContains, assertTemplateUsed

from accounts.models import JournalEntry, User
from notifications.actions import receipts
from notifications.models import Notification, RateCalculation, RateDecision, Receipt
from notifications.rules import Policy
from portal import clock
from tests.factories.notifications import (
    CollectiveRateFactory,
    NotificationFactory,
    RateCalculationFactory,
    RateDecisionFactory,
)
from tests.people import Company, logged_in

ON = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)


@pytest.fixture
def notification(company: Company) -> Notification:
    return NotificationFactory(decision__establishment=company.head_office)


@pytest.fixture
def opened(notification: Notification, administrator: User) -> Notification:
    receipts.open_notification(notification=notification, by=administrator, on=ON)
    return notification


@pytest.fixture
def client(administrator: User) -> Client:
    return logged_in(administrator)


def url(notification: Notification) -> str:
    return reverse("notifications:notification_detail", args=[notification.pk])


def plain(markup: str) -> str:
    """Return the words of a piece of the page, on one line."""
    words = re.sub(r"<[^>]+>", " ", re.sub(r"<svg.*?</svg>", "", markup, flags=re.S))
    return re.sub(r"\s+", " ", html.unescape(words)).strip()


def text(client: Client, notification: Notification) -> str:
    """Return the words of the page, on one line."""
    return plain(client.get(url(notification)).content.decode().split("<main")[1].split("</main>")[0])


def facts(client: Client, notification: Notification) -> dict[str, str]:
    """Return the pairs of the definition list."""
    page = client.get(url(notification)).content.decode()
    pairs = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", page, flags=re.S)
    return {name: plain(value) for name, value in pairs}


def test_the_cover_shows_whose_it_is_and_since_when_and_not_the_rate(
    client: Client, notification: Notification
) -> None:
    response = client.get(url(notification))
    assertTemplateUsed(response, "notifications/notification_detail.html")
    assert facts(client, notification) == {
        "Entreprise": "Belharra Logistique",
        "Établissement": "SIRET 982 820 011 00012 1 RUE DES ESSAIS 29200 BREST",
        "Mise à disposition": "4 janvier 2027",
        "Première consultation": "Aucune",
        "Notification": "4 janvier 2027 Réputée notifiée le 4 janvier 2027, jour de sa mise à disposition, "
        "faute de consultation dans les quinze jours (arrêté du 8 octobre 2020).",
        "Dernier jour pour contester": "4 mars 2027 Il reste 43 jours.",
    }
    assertContains(response, "Ouvrir la notification")
    assertNotContains(response, "7,39")


def test_looking_at_the_cover_leaves_the_notification_unread(client: Client, notification: Notification) -> None:
    """A GET writes nothing: mail scanners and previews follow links."""
    client.get(url(notification))
    assert (Receipt.objects.count(), JournalEntry.objects.count()) == (0, 0)


def test_an_opened_notification_says_everything_of_the_rate(
    client: Client, company: Company, administrator: User
) -> None:
    CollectiveRateFactory(label="Autres travaux de gros œuvre")
    for year, rate in ((2025, "7.50"), (2026, "7.27")):
        RateDecisionFactory(establishment=company.head_office, effective_on=dt.date(year, 1, 1), rate=Decimal(rate))
    notification = NotificationFactory(decision__establishment=company.head_office)
    receipts.open_notification(notification=notification, by=administrator, on=ON)
    assert facts(client, notification) == {
        "Entreprise": "Belharra Logistique",
        "Établissement": "SIRET 982 820 011 00012 1 RUE DES ESSAIS 29200 BREST",
        "Code risque": "45.2BE Autres travaux de gros œuvre",
        "Décision": f"Taux annuel, n° {notification.decision.number} du 4 janvier 2027",
        "Mode de tarification": "Individuel",
        "Taux net": "7,39 %",
        "Date d'effet": "1er janvier 2027",
        "Taux précédent": "7,27 %, du 1er janvier 2026 au 31 décembre 2026 +0,12 point",
        "Lue par vous": "20 janvier 2027 à 10 h 00",
        "Mise à disposition": "4 janvier 2027",
        "Première consultation": "20 janvier 2027 à 10 h 00, par Anaïs Le Goff",
        "Notification": "4 janvier 2027 Réputée notifiée le 4 janvier 2027, jour de sa mise à disposition, "
        "faute de consultation dans les quinze jours (arrêté du 8 octobre 2020).",
        "Dernier jour pour contester": "4 mars 2027 Il reste 43 jours.",
    }
    numbers = [one.number for one in RateDecision.objects.order_by("-effective_on")]
    days = (
        "1er janvier 2027 pas de fin fixée",
        "1er janvier 2026 31 décembre 2026",
        "1er janvier 2025 31 décembre 2025",
    )
    told = ("le 4 janvier 2027", "Par courrier", "Par courrier")
    collective = ("7,39 %", "–", "–")
    rows = [
        f"{day} {rate} % {code} Taux annuel, individuel n° {number} du 4 janvier 2027 {how}"
        for day, rate, code, number, how in zip(days, ("7,39", "7,27", "7,50"), collective, numbers, told, strict=True)
    ]
    assert " ".join(rows) in text(client, notification)


STARTS = "L'ouvrir fait courir le délai de deux mois"


def at(monkeypatch: pytest.MonkeyPatch, day: dt.date, hour: int = 10, minute: int = 0) -> None:
    """Make it that hour in Paris."""
    now = dt.datetime.combine(day, dt.time(hour, minute), clock.PARIS).astimezone(dt.UTC)
    monkeypatch.setattr(clock, "real_now", lambda: now)


@pytest.mark.parametrize(
    ("policy", "day", "hour", "minute", "until"),
    [
        (Policy.AVAILABILITY, dt.date(2027, 1, 4), 0, 0, "4 mars 2027"),
        (Policy.AVAILABILITY, dt.date(2027, 1, 19), 23, 59, "19 mars 2027"),
        (Policy.AVAILABILITY, dt.date(2027, 1, 20), 0, 0, None),
        (Policy.FIFTEENTH_DAY, dt.date(2027, 1, 19), 23, 59, "19 mars 2027"),
        (Policy.FIFTEENTH_DAY, dt.date(2027, 1, 20), 0, 0, None),
        (Policy.FIRST_CONSULTATION, dt.date(2027, 1, 20), 0, 0, "20 mars 2027"),
    ],
)
def test_the_cover_warns_that_opening_starts_the_clock_only_when_it_does(
    policy: Policy,
    day: dt.date,
    hour: int,
    minute: int,
    until: str | None,
    client: Client,
    notification: Notification,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.NOTIFICATION_POLICY = policy
    at(monkeypatch, day, hour, minute)
    words = text(client, notification)
    told = f"Ouverte aujourd'hui, la décision est notifiée aujourd'hui, et contestable jusqu'au {until}."
    assert (STARTS in words, told in words) == (until is not None, until is not None)
    assert ("Cela ne change plus le délai pour contester." in words) == (until is None)


def test_a_colleague_who_opened_it_first_started_the_clock(
    client: Client, notification: Notification, declarant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipts.open_notification(notification=notification, by=declarant, on=ON - dt.timedelta(days=3))
    shown = facts(client, notification)
    assert STARTS not in text(client, notification)
    assert (shown["Première consultation"], shown["Dernier jour pour contester"]) == (
        "17 janvier 2027 à 10 h 00, par Zoé Kervella",
        "17 mars 2027 Il reste 56 jours.",
    )


@pytest.mark.parametrize("person", ["tiers_declarant", "staff"])
def test_a_tiers_or_staff_opening_leaves_the_warning_and_the_dates(
    person: str, client: Client, notification: Notification, request: pytest.FixtureRequest
) -> None:
    before = facts(client, notification)
    receipts.open_notification(notification=notification, by=request.getfixturevalue(person), on=ON)
    assert facts(client, notification) == before


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (dt.date(2027, 1, 9), "jusqu'au 19 janvier 2027, elle est notifiée le jour de sa consultation"),
        (dt.date(2027, 1, 9), "Il reste 10 jours pour ouvrir"),
        (dt.date(2027, 1, 18), "Il reste 1 jour pour ouvrir"),
        (dt.date(2027, 1, 19), "C'est le dernier jour pour ouvrir"),
        (dt.date(2027, 1, 9), "Dernier jour pour contester Deux mois après la notification"),
        (dt.date(2027, 3, 3), "4 mars 2027 Il reste 1 jour."),
        (dt.date(2027, 3, 4), "4 mars 2027 C'est aujourd'hui."),
        (dt.date(2027, 3, 5), "4 mars 2027 Le délai de deux mois est écoulé."),
    ],
)
def test_the_days_left_are_counted_to_the_last(
    day: dt.date, words: str, client: Client, notification: Notification, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, day)
    assert words in text(client, notification)


def test_the_log_shows_who_consulted_latest_first(
    client: Client, opened: Notification, administrator: User, declarant: User, tiers_declarant: User
) -> None:
    receipts.take_document(notification=opened, by=declarant, on=ON + dt.timedelta(minutes=1))
    receipts.open_notification(notification=opened, by=tiers_declarant, on=ON + dt.timedelta(minutes=2))
    words = text(client, opened).split("Consultations enregistrées")[1]
    assert words.startswith(
        " Date Personne Nature Effet sur le délai"
        " 20 janvier 2027 à 10 h 02 Camille Cormoran Ouverture en ligne Sans effet"
        " 20 janvier 2027 à 10 h 01 Zoé Kervella Téléchargement du document Déjà consultée"
        " 20 janvier 2027 à 10 h 00 Anaïs Le Goff Ouverture en ligne Première consultation"
    )


def test_the_log_shows_the_latest_twenty(client: Client, opened: Notification, administrator: User) -> None:
    for minute in range(1, 31):
        receipts.take_document(notification=opened, by=administrator, on=ON + dt.timedelta(minutes=minute))
    page = client.get(url(opened)).content.decode().split('id="log"')[1].split("</table>")[0]
    moments = re.findall(r'<th scope="row" class="nowrap">[^<]*h\W*(\d\d)</th>', page)
    assert moments == [f"{minute:02d}" for minute in range(30, 10, -1)]


def test_the_calendar_is_offered_until_the_challenge_ends(
    client: Client, notification: Notification, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, dt.date(2027, 3, 4))
    assertContains(client.get(url(notification)), f'href="{url(notification)}agenda.ics"')
    at(monkeypatch, dt.date(2027, 3, 5))
    assertNotContains(client.get(url(notification)), "agenda.ics")


def test_a_first_rate_says_that_there_was_none_before(client: Client, opened: Notification) -> None:
    assert facts(client, opened)["Taux précédent"] == "Aucun : c'est le premier taux notifié pour ce code."


def test_a_rate_of_another_code_or_place_is_no_previous_rate(
    client: Client, opened: Notification, company: Company
) -> None:
    early = dt.date(2026, 1, 1)
    RateDecisionFactory(establishment=company.head_office, effective_on=early, code_risque="00.00B")
    RateDecisionFactory(establishment=company.secondary, effective_on=early)
    assert facts(client, opened)["Taux précédent"] == "Aucun : c'est le premier taux notifié pour ce code."


def test_the_label_of_a_code_comes_from_the_last_tariff_that_has_it(client: Client, opened: Notification) -> None:
    for year, label in ((2025, "Ancien libellé"), (2026, "Libellé de 2026"), (2028, "Libellé à venir")):
        CollectiveRateFactory(tariff__year=year, label=label)
    assert facts(client, opened)["Code risque"] == "45.2BE Libellé de 2026"


def test_an_older_rate_says_that_another_one_follows(client: Client, opened: Notification, company: Company) -> None:
    """domain.md, section 6: old and new rate are confused when the rate changes during the year."""
    later = NotificationFactory(
        decision__establishment=company.head_office,
        decision__effective_on=dt.date(2027, 7, 1),
        decision__rate=Decimal("6.66"),
        published_at=dt.datetime(2027, 1, 18, 8, tzinfo=dt.UTC),
    )
    words = text(client, opened)
    assert "Ce taux n'est pas le dernier Un autre prend la suite le 1er juillet 2027." in words
    assert (
        "1er juillet 2027 pas de fin fixée à ouvrir – Changement en cours d'année, individuel "
        f"n° {later.decision.number}" in words
    )
    assert "1er janvier 2027 30 juin 2027 7,39 % – Taux annuel, individuel" in words
    assert "6,66" not in words
    assertContains(client.get(url(opened)), f'href="{url(later)}">Aller à la notification suivante</a>')


def test_a_replaced_decision_says_so(client: Client, opened: Notification, company: Company) -> None:
    other = RateDecisionFactory(
        establishment=company.head_office, version=2, rate=Decimal("7.00"), reason="Accident du travail retiré."
    )
    words = text(client, opened)
    assert f"Cette décision est remplacée La décision {other.number} du 4 janvier 2027 fixe un autre taux" in words
    assert "1er janvier 2027 Remplacée 7,39 % – Taux annuel, individuel" in words
    assert (
        f"7,00 % – Rectification, individuel n° {other.number} du 4 janvier 2027 Motif : Accident du travail retiré."
        in words
    )
    assert "Aller à la notification suivante" not in words


def test_a_cancelled_decision_says_that_the_rate_before_applies_again(
    client: Client, opened: Notification, company: Company
) -> None:
    cancel = RateDecisionFactory(
        establishment=company.head_office,
        version=2,
        nature=RateDecision.Nature.CANCELLATION,
        reason="Erreur de dossier",
    )
    words = text(client, opened)
    assert f"Cette décision est annulée La décision {cancel.number} du 4 janvier 2027 l'annule" in words
    assert "1er janvier 2027 Annulée 7,39 % – Taux annuel, individuel" in words
    assert "Annulation, individuel" in words


def test_of_two_versions_of_a_day_only_the_last_is_drawn(client: Client, company: Company, administrator: User) -> None:
    RateDecisionFactory(establishment=company.head_office, rate=Decimal("9.99"))
    notification = NotificationFactory(decision__establishment=company.head_office, decision__version=2)
    receipts.open_notification(notification=notification, by=administrator, on=ON)
    page = client.get(url(notification)).content.decode()
    assert "9,99" not in page.split('<svg class="chart')[1].split("</svg>")[0]
    assert "9,99" in text(client, notification)


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (None, ["Télécharger le document officiel (PDF)", "Archiver", "Supprimer"]),
        (receipts.archive, ["Télécharger le document officiel (PDF)", "Désarchiver", "Supprimer"]),
        (receipts.delete, ["Télécharger le document officiel (PDF)", "Restaurer"]),
    ],
)
def test_the_page_offers_what_can_be_done(
    action: receipts.Action | None, words: list[str], client: Client, opened: Notification, administrator: User
) -> None:
    """G5.6."""
    if action:
        action(notification=opened, by=administrator, on=ON)
    page = client.get(url(opened)).content.decode().split("Actions sur cette notification")[1].split("</ul>")[0]
    assert re.findall(r"</svg>\s*([^<]+?)\s*</", page) == words


@pytest.mark.parametrize("person", ["stranger", "tiers_declarant"])
def test_somebody_elses_notification_is_not_found(
    person: str, opened: Notification, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(person)
    assert logged_in(user).get(url(opened)).status_code == 404


@pytest.mark.parametrize(
    ("person", "rule"),
    [
        ("secondary_administrator", "G1.4"),
        ("declarant_without_right", "G1.4"),
        ("candidate", "G4.1"),
        ("staff", "G0.2"),
    ],
)
def test_who_has_no_right_on_the_establishment_reads_the_rule(
    person: str, rule: str, opened: Notification, request: pytest.FixtureRequest
) -> None:
    response = logged_in(request.getfixturevalue(person)).get(url(opened))
    assertContains(response, f"Règle {rule} du guide", status_code=403)
    assertNotContains(response, "7,39", status_code=403)


@pytest.mark.parametrize("pk", ["0", "999999", "9" * 30])
def test_a_number_that_is_none_is_not_found(pk: str, client: Client) -> None:
    assert client.get(f"/notifications/{pk}/").status_code == 404


@pytest.mark.parametrize("years", [1, 3, 20])
def test_the_page_takes_the_same_queries_whatever_the_history(
    years: int,
    client: Client,
    opened: Notification,
    company: Company,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for year in range(2027 - years, 2027):
        RateDecisionFactory(establishment=company.head_office, effective_on=dt.date(year, 1, 1))
    with django_assert_num_queries(8):
        client.get(url(opened))


def how(client: Client, notification: Notification) -> str:
    """Return the words of « Comment ce taux est calculé », on one line."""
    page = client.get(url(notification)).content.decode()
    return plain(page.split('aria-labelledby="calculation"')[1].split("</section>")[0])


@pytest.fixture
def computed(company: Company, administrator: User) -> Notification:
    """A notification whose inputs give its rate: individual, 7.39 in 2026."""
    kept = RateCalculationFactory(decision__establishment=company.head_office)
    notification = NotificationFactory(decision=kept.decision)
    receipts.open_notification(notification=notification, by=administrator, on=ON)
    return notification


def test_each_step_of_the_calculation_is_shown(client: Client, computed: Notification) -> None:
    """domain.md, section 4."""
    given, press = "Source : donnée communiquée avec le taux", "Source : presse spécialisée ou cabinet d’avocats"
    assert how(client, computed) == (
        "> Comment ce taux est calculé Pourquoi un taux individuel Le taux vient de vos propres sinistres, rapportés à "
        "votre masse salariale. L’entreprise comptait 180 salariés en 2024, deux ans avant l’année d’effet : à partir "
        "de 150, le mode est individuel. Un seuil ne compte qu’atteint cinq années de suite ; l’effectif d’une seule "
        "année est connu, celui des autres est supposé semblable (choix du simulateur). Étape par étape "
        f"1. Valeur du risque 136 200 € Coût des sinistres de 2022 à 2024 {given} "
        "2. Masse salariale 3 000 000 € Somme des années 2024, 2023 et 2022 1 000 000 € + 1 000 000 € + 1 000 000 € "
        f"{given} "
        f"3. Taux brut 4,54 % Valeur du risque ÷ masse salariale × 100 136 200 € ÷ 3 000 000 € × 100 {press} "
        "4. Taux net individuel 7,3896 % (taux brut + M1) × (1 + M2) + M3 + M4 : les majorations de 2026 (4,54 + 0,19) "
        f"× 1,52 + 0,17 + 0,03 {press} "
        "5. Arrondi 7,39 % À deux décimales, au plus proche, la moitié vers le haut Source : choix du simulateur, "
        "faute de règle publiée Les étapes sont montrées à quatre décimales au plus ; le calcul les garde toutes. "
        "C’est le taux collectif du code risque (7,39 %)."
    )


def test_a_collective_rate_has_one_step_and_no_word_on_decimals(client: Client, computed: Notification) -> None:
    RateCalculation.objects.update(headcount_n2=12)
    words = how(client, computed)
    assert "1. Taux collectif 7,39 % Taux net du code risque 45.2BE dans le tarif 2026, tel qu’il est publié" in words
    assert "2. " not in words
    assert "décimales" not in words


def test_a_rate_that_its_inputs_contradict_is_flagged(client: Client, computed: Notification) -> None:
    RateCalculation.objects.update(risk_value=100_000)
    words = how(client, computed)
    assert "Le taux notifié n'est pas celui que donnent les données" in words
    assert "taux notifié 7,39 %, taux calculé 5,56 %." in words


def test_inputs_that_do_not_suffice_say_why(client: Client, computed: Notification) -> None:
    RateCalculation.objects.update(payroll_n4=None)
    words = how(client, computed)
    assert "Masse salariale absente : il faut celle de chaque année, 2022 à 2024." in words
    assert "Étape par étape" not in words


@pytest.mark.parametrize(
    ("year", "alsace_moselle", "compared"),
    [(2027, False, True), (2027, True, False), (2026, False, False)],
)
def test_a_rate_without_inputs_has_its_mode_explained_and_is_compared_with_its_own_years_tariff(
    year: int, alsace_moselle: bool, compared: bool, client: Client, opened: Notification, company: Company
) -> None:
    """No tariff of Alsace-Moselle is published (section 5)."""
    company.head_office.alsace_moselle = alsace_moselle
    company.head_office.save()
    CollectiveRateFactory(tariff__year=year, rate=Decimal("7.00"))
    words = how(client, opened)
    assert "Seul le taux a été communiqué au portail" in words
    assert "150 salariés ou plus" in words
    assert words.endswith("C’est 0,39 point au-dessus du taux collectif du code risque (7,00 %).") is compared


def test_a_calculation_costs_no_query(
    client: Client, computed: Notification, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    CollectiveRateFactory(tariff__year=2026)
    with django_assert_num_queries(8):
        client.get(url(computed))
