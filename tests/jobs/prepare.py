"""Run inside an installation: a register of many establishments, and a campaign ordered but not published."""

from django.core.files.base import ContentFile

from accounts.actions.imports import read_next_file
from accounts.models import Enterprise, Establishment
from habilitations.models import ATMP, Declaration, EstablishmentDeclaration
from notifications.actions.campaign import RATES, create_campaign, publish_campaign
from notifications.models import CollectiveRate, Tariff
from portal import clock
from tests.factories.accounts import siren, siret


def order_campaign(establishments: int) -> None:
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
    lines = [f"{place.siret};45.2BE;7,39;01/01/2027;collectif" for place in places]
    content = ContentFile("\n".join(["siret;code_risque;taux;date_effet;mode", *lines]).encode(), "taux.csv")
    campaign = create_campaign(name="Campagne", content=content, by=None, on=now)
    assert read_next_file(importer=RATES, on=now)
    campaign.refresh_from_db()
    assert publish_campaign(campaign=campaign, by=None, on=now)
