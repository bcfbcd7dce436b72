"""The scenario « découverte »: six made-up companies, their people, three years of rates.

It goes through the same actions as staff and people do: what it shows is what the portal does.
"""

import datetime as dt
import json
from decimal import Decimal

from django.core.files.base import ContentFile
from django.db import transaction
from stdnum import luhn

from accounts.actions.imports import Importer, confirm_file, receive_file, work_once
from accounts.actions.people import create_user
from accounts.actions.register import REGISTER
from accounts.models import Establishment, ImportFile, User
from habilitations.actions.cooptation import choose_route, request_cooptation
from habilitations.actions.rights import grant_habilitation, register_declaration
from habilitations.models import ATMP, Cooptation, Declaration
from notifications.actions.campaign import RATES, create_campaign, publish_campaign
from notifications.actions.receipts import open_notification
from notifications.actions.tariff import import_tariff
from notifications.models import Campaign
from notifications.rules.calculation import individual_share
from notifications.rules.parameters import GENERAL, MAJORATIONS
from portal.clock import PARIS
from sandbox.actions.trainer import create_trainer
from sandbox.demo_tiers import load_firm

# How long ago the latest change was made available.
RECENT = dt.timedelta(days=5)
SOURCE = "betagouv/taux-collectifs-cotisation-atmp, Licence ouverte : extrait de cinq codes"
BUILDING = "Industries du bâtiment et des travaux publics"
FOOD = "Services, commerces et industries de l'alimentation"
SERVICES = "Activités de services II"
TRANSPORT = "Industries des transports, de l'eau, du gaz, de l'électricité, du livre et de la communication"
SPECIAL = "Catégories de personnels particulières"
TARIFF = {
    "45.2BE": (BUILDING, "Autres travaux de gros œuvre, entreprise générale du bâtiment", ("7.31", "7.31", "7.39")),
    "55.3AC": (FOOD, "Restaurants et cafés-restaurants", ("2.04", "1.85", "1.78")),
    "85.3AB": (SERVICES, "Services d'aide sociale à domicile", ("3.70", "3.75", "3.71")),
    "60.2MG": (TRANSPORT, "Transports routiers de marchandises", ("5.22", "5.36", "5.40")),
    "00.00B": (SPECIAL, "Fonctions supports de nature administrative", ("0.64", "0.70", "0.64")),
}
TARIFF_YEARS = (2024, 2025, 2026)


def siren(number: int) -> str:
    """Return a SIREN that nobody has: it starts with 000, and its key is right."""
    body = f"000{number:05d}"
    return str(body + luhn.calc_check_digit(body))


def siret(of_siren: str, number: int) -> str:
    """Return the SIRET of the establishment of that number."""
    body = f"{of_siren}{number:04d}"
    return str(body + luhn.calc_check_digit(body))


MASON, LOGISTICS, FIRM, RESTAURANT, HOME_CARE, BAKERY = (siren(number) for number in (101, 202, 303, 404, 505, 606))
HEAD = {of: siret(of, 1) for of in (MASON, LOGISTICS, FIRM, RESTAURANT, HOME_CARE, BAKERY)}
STRASBOURG, LYON, CLOSED = (siret(LOGISTICS, number) for number in (2, 3, 4))

REGISTER_CSV = f"""\
siret;etablissementSiege;denominationUniteLegale;categorieJuridiqueUniteLegale;numeroVoieEtablissement;\
typeVoieEtablissement;libelleVoieEtablissement;codePostalEtablissement;libelleCommuneEtablissement;\
activitePrincipaleEtablissement;etatAdministratifEtablissement;dateDebut;codeRisque;effectif2024;effectif2025
{HEAD[MASON]};true;Maçonnerie Aubépine;5499;12;RUE;DES CARRIERS;29200;BREST;41.20B;A;;45.2BE;62;64
{HEAD[LOGISTICS]};true;Belharra Logistique;5710;3;QUAI;DES ABERS;29200;BREST;49.41B;A;;60.2MG;172;181
{STRASBOURG};false;Belharra Logistique;5710;8;RUE;DU RHIN;67000;STRASBOURG;49.41B;A;;60.2MG;172;181
{LYON};false;Belharra Logistique;5710;41;AVENUE;DE LA SAONE;69009;LYON;49.41B;A;;60.2MG;172;181
{CLOSED};false;Belharra Logistique;5710;1;RUE;DU BASSIN;76600;LE HAVRE;49.41B;F;2025-06-30;60.2MG;172;181
{HEAD[FIRM]};true;Cabinet Cormoran;5499;5;PLACE;DU MARCHE;35000;RENNES;69.20Z;A;;;14;15
{HEAD[RESTAURANT]};true;Restaurant La Dentelière;5499;27;RUE;DE LA DENTELLE;14000;CAEN;56.10A;A;;55.3AC;9;9
{HEAD[HOME_CARE]};true;Aide à domicile Estran;9220;2;RUE;DES MARAIS;44350;GUERANDE;88.10A;A;;85.3AB;58;61
{HEAD[BAKERY]};true;Fournil du Genêt;5499;9;RUE;DU FOUR;56000;VANNES;10.71C;A;;55.3AC;6;6
"""


@transaction.atomic
def load_demo(*, on: dt.datetime) -> None:
    """Write the whole scenario into an empty database, dated from that instant."""
    _import_register(on)
    for index, year in enumerate(TARIFF_YEARS):
        import_demo_tariff(year, index, on)
    people = _people(on)
    long_ago = on - dt.timedelta(days=3 * 366)
    for of in (MASON, LOGISTICS, FIRM):
        _register_atmp(HEAD[of], long_ago)
    _grant(people["belharra-declarant"], HEAD[LOGISTICS], long_ago)
    _publish_years(on, [people["aubepine-admin"], people["belharra-admin"]])
    load_firm(
        administrator=people["cormoran-admin"],
        collaborator=people["cormoran-declarant"],
        open_client=HEAD[MASON],
        closed_client=HEAD[LOGISTICS],
        new_client=HEAD[HOME_CARE],
        without=HEAD[RESTAURANT],
        on=on,
    )
    # Last, so that its access delay is running.
    _register_atmp(HEAD[HOME_CARE], on)


def _import_register(on: dt.datetime) -> None:
    content = ContentFile(REGISTER_CSV.encode(), "repertoire-demo.csv")
    import_file = receive_file(kind=ImportFile.Kind.REGISTER, content=content, by=None, on=on)
    _work(REGISTER, on)
    confirm_file(import_file=import_file, importer=REGISTER, by=None, on=on)
    _work(REGISTER, on)


def _work(importer: Importer, on: dt.datetime) -> None:
    while work_once(importer=importer, on=on):
        pass


def import_demo_tariff(year: int, index: int, on: dt.datetime) -> None:
    """Import the five codes of the demo's tariff for a year."""
    rows = [
        {"Nature du risque": label, "Code risque": code, "Taux net": rates[index], "Catégorie": category}
        for code, (category, label, rates) in TARIFF.items()
    ]
    content = json.dumps(rows).encode()
    import_tariff(year=year, content=content, file_name=f"{year}.json", source=SOURCE, by=None, on=on)


def _people(on: dt.datetime) -> dict[str, User]:
    from sandbox.personas import PEOPLE, STAFF, TRAINER  # personas name the SIRETs of this module

    people = {}
    for person in PEOPLE:
        people[person.key] = create_user(
            establishment=Establishment.objects.get(siret=person.siret),
            last_name=person.nom,
            first_name=person.prenom,
            email=f"{person.key}@exemple.example",
            role=person.account_role,
            password=person.password,
            by=None,
            on=on,
        )
    candidate = request_cooptation(user=people["aubepine-candidat"], on=on)
    choose_route(cooptation=candidate, route=Cooptation.Route.COOPTATION, on=on)
    User.objects.create_superuser(STAFF.nom, "equipe@exemple.example", STAFF.password, created_at=on)
    create_trainer(name=TRAINER.nom, email="formatrice@exemple.example", password=TRAINER.password, by=None, on=on)
    return people


def _register_atmp(of_siret: str, on: dt.datetime) -> None:
    establishment = Establishment.objects.get(siret=of_siret)
    register_declaration(establishment=establishment, declaration=Declaration.objects.get(code=ATMP), by=None, on=on)


def _grant(user: User, of_siret: str, on: dt.datetime) -> None:
    establishment = Establishment.objects.get(siret=of_siret)
    declaration = Declaration.objects.get(code=ATMP)
    grant_habilitation(user=user, establishment=establishment, declaration=declaration, by=None, on=on)


def _publish_years(on: dt.datetime, readers: list[User]) -> None:
    """Publish three January campaigns and a change in July, rectified in September, then a change of five days ago.

    The readers have opened those of other years, and the first of them this January's; nobody the latest change: its
    fifteen days run.
    """
    this_year = on.astimezone(PARIS).year
    days = [
        (dt.date(this_year - 2, 1, 1), {HEAD[MASON]: "5.92", HEAD[LOGISTICS]: "4.71", STRASBOURG: "4.10"}, 1, ""),
        (dt.date(this_year - 1, 1, 1), {HEAD[MASON]: "6.84", HEAD[LOGISTICS]: "5.05", STRASBOURG: "4.32"}, 1, ""),
        (dt.date(this_year - 1, 7, 1), {HEAD[MASON]: "6.20"}, 7, ""),
        (dt.date(this_year - 1, 7, 1), {HEAD[MASON]: "5.98"}, 9, "Un accident appartient à un autre employeur."),
        (dt.date(this_year, 1, 1), {HEAD[MASON]: "5.87", HEAD[LOGISTICS]: "4.86", STRASBOURG: "4.41"}, 1, ""),
    ]
    previous: dict[str, str] = {}
    for day, rates, month, reason in days:
        published = min(on, dt.datetime(day.year, month, 4, 9, tzinfo=PARIS))
        lines = [*_own_rates(day, rates, previous, reason), *_collective_rates(day, this_year - 2)]
        campaign = _publish(f"{'Rectification du taux' if reason else 'Taux'} au {day:%d/%m/%Y}", lines, published)
        previous |= rates
        for reader in readers if day.year < this_year else readers[:1]:
            for notification in campaign.notifications.filter(enterprise__establishments__users=reader):
                open_notification(notification=notification, by=reader, on=min(on, published + dt.timedelta(days=2)))
    change = {HEAD[MASON]: "6.05"}
    _publish(
        f"Changement au {_next_quarter(on):%d/%m/%Y}", _own_rates(_next_quarter(on), change, previous), on - RECENT
    )


def _publish(name: str, lines: list[str], on: dt.datetime) -> Campaign:
    content = ContentFile("\n".join([RATES_HEADER, *lines]).encode(), "taux.csv")
    campaign = create_campaign(name=name, content=content, by=None, on=on)
    _work(RATES, on)
    campaign.refresh_from_db()
    publish_campaign(campaign=campaign, by=None, on=on)
    _work(RATES, on)
    return campaign


def _next_quarter(on: dt.datetime) -> dt.date:
    """Return when a change of today takes effect (domain.md, section 3)."""
    today = on.astimezone(PARIS).date()
    month = 3 * ((today.month - 1) // 3) + 4
    return dt.date(today.year + month // 12, month % 12, 1)


RATES_HEADER = (
    "siret;code_risque;taux;date_effet;mode;effectif_n2;masse_n2;masse_n3;masse_n4;valeur_risque;taux_precedent;"
    "annee_creation;motif"
)
NO_INPUTS = ";" * 6
# Code, mode, headcount of the enterprise in N-2 and payroll in euros of those whose own claims count; all made up.
OWN = {
    HEAD[MASON]: ("45.2BE", "mixte", 62, (1_745_000, 1_692_000, 1_610_000)),
    HEAD[LOGISTICS]: ("60.2MG", "individuel", 172, (3_120_000, 3_045_000, 2_960_000)),
    STRASBOURG: ("60.2MG", "individuel", 172, None),
}


def _own_rates(day: dt.date, rates: dict[str, str], previous: dict[str, str], reason: str = "") -> list[str]:
    """Return the lines of mixed and individual rates, with inputs in January of a year whose figures are known."""
    lines = []
    for of_siret, rate in rates.items():
        code, mode, headcount, payroll = OWN[of_siret]
        line = f"{of_siret};{code};{rate};{day:%d/%m/%Y};{mode};"
        if payroll and day.month == 1 and known(day.year):
            value = risk_value(Decimal(rate), day.year, code, headcount, sum(payroll))
            amounts = ";".join(map(str, payroll))
            line += f"{headcount};{amounts};{value};{previous.get(of_siret, '')};"
        else:
            line += NO_INPUTS
        lines.append(f"{line};{reason}")
    return lines


def _collective_rates(day: dt.date, created: int) -> list[str]:
    """Return the lines of collective rates: a small enterprise, and an establishment created two years ago."""
    if day.month > 1:
        return []
    lines = []
    for of_siret, code, headcount, year in ((LYON, "60.2MG", 172, str(created)), (HEAD[RESTAURANT], "55.3AC", 9, "")):
        rate = TARIFF[code][2][TARIFF_YEARS.index(day.year) if known(day.year) else -1]
        inputs = f"{headcount};;;;;;{year}" if known(day.year) else NO_INPUTS
        lines.append(f"{of_siret};{code};{rate};{day:%d/%m/%Y};collectif;{inputs};")
    return lines


def known(year: int) -> bool:
    """Say whether the figures of a year are known, so that a calculation sheet can be made."""
    return year in MAJORATIONS and year in TARIFF_YEARS


def risk_value(rate: Decimal, year: int, code: str, headcount: int, payroll: int) -> int:
    """Return the value of the risk that gives this rate: the rules of the calculation, walked backwards."""
    if headcount < GENERAL.individual:
        share = individual_share(headcount, alsace_moselle=False, building=False)
        collective = Decimal(TARIFF[code][2][TARIFF_YEARS.index(year)])
        rate = (rate - (1 - share) * collective) / share
    of_year = MAJORATIONS[year]
    gross = (rate - of_year.m3 - of_year.m4) / (1 + of_year.m2) - of_year.m1
    return round(gross * payroll / 100)
