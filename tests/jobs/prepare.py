"""Run inside an installation: a register of many establishments, and campaigns read or ordered, not published."""

from django.core.files.base import ContentFile

from accounts.actions.imports import read_next_file
from accounts.models import Enterprise, Establishment
from habilitations.models import ATMP, Declaration, EstablishmentDeclaration
from notifications.actions.campaign import RATES, create_campaign, publish_campaign
from notifications.models import Campaign, CollectiveRate, Tariff
from portal import clock
from tests.factories.accounts import siren, siret


def order_campaign(establishments: int) -> None:
    """Order the publication of one rate for each establishment of a new register."""
    places = make_register(establishments)
    assert publish_campaign(campaign=read_campaign(places), by=None, on=clock.now())


def make_register(establishments: int) -> list[Establishment]:
    """One in ten enterprises is not registered: its rate goes by post."""
    now = clock.now()
    sirens = [siren(number) for number in range(establishments)]
    Enterprise.objects.bulk_create((Enterprise(siren=of, name=f"Société {of}") for of in sirens), batch_size=5000)
    places = [Establishment(siret=siret(of), enterprise_id=of, is_head_office=True) for of in sirens]
    Establishment.objects.bulk_create(places, batch_size=2000)
    declaration = Declaration.objects.get(code=ATMP)
    EstablishmentDeclaration.objects.bulk_create(
        (
            EstablishmentDeclaration(establishment=place, declaration=declaration, registered_at=now, opens_at=now)
            for number, place in enumerate(places)
            if number % 10
        ),
        batch_size=5000,
    )
    tariff = Tariff.objects.create(year=2027, source="essai", file_name="x", sha256="", imported_at=now)
    CollectiveRate.objects.create(tariff=tariff, code="45.2BE", label="x", category="x", rate=1)
    return places


def read_campaign(places: list[Establishment], *, name: str = "Campagne", month: int = 1) -> Campaign:
    """Deposit and read a campaign that gives each place a rate from the first of a month of 2027."""
    now = clock.now()
    lines = [f"{place.siret};45.2BE;7,39;01/{month:02d}/2027;collectif" for place in places]
    content = ContentFile("\n".join(["siret;code_risque;taux;date_effet;mode", *lines]).encode(), "taux.csv")
    campaign = create_campaign(name=name, content=content, by=None, on=now)
    assert read_next_file(importer=RATES, on=now)
    campaign.refresh_from_db()
    return campaign
