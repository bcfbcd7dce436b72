"""Tariff, decisions and notifications."""

import datetime as dt
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from accounts.models import Establishment, ImportFile
from notifications.models import Campaign, CollectiveRate, Notification, RateCalculation, RateDecision, Tariff
from tests.factories.accounts import EstablishmentFactory

PUBLISHED = dt.datetime(2027, 1, 4, 8, tzinfo=dt.UTC)


class TariffFactory(DjangoModelFactory[Tariff]):
    class Meta:
        model = Tariff
        django_get_or_create = ("year",)

    year = 2027
    source = "essai"
    file_name = "2027.json"
    sha256 = "0" * 64
    imported_at = PUBLISHED


class CollectiveRateFactory(DjangoModelFactory[CollectiveRate]):
    class Meta:
        model = CollectiveRate
        django_get_or_create = ("tariff", "code")

    tariff = factory.SubFactory(TariffFactory)
    code = "45.2BE"
    label = "Autres travaux de gros œuvre"
    category = "Bâtiment et travaux publics"
    rate = Decimal("7.39")


class ImportFileFactory(DjangoModelFactory[ImportFile]):
    class Meta:
        model = ImportFile

    kind = ImportFile.Kind.RATES
    name = "taux.csv"
    size = 100
    sha256 = "0" * 64
    status = ImportFile.Status.APPLIED
    created_at = PUBLISHED


class CampaignFactory(DjangoModelFactory[Campaign]):
    class Meta:
        model = Campaign

    import_file = factory.SubFactory(ImportFileFactory)
    name = factory.Sequence(lambda n: f"Campagne {n}")


class RateDecisionFactory(DjangoModelFactory[RateDecision]):
    class Meta:
        model = RateDecision

    campaign = factory.SubFactory(CampaignFactory)
    establishment = factory.SubFactory(EstablishmentFactory)
    enterprise = factory.SelfAttribute("establishment.enterprise")
    code_risque = "45.2BE"
    mode = RateDecision.Mode.INDIVIDUAL
    rate = Decimal("7.39")
    effective_on = dt.date(2027, 1, 1)
    channel = RateDecision.Channel.ELECTRONIC
    decided_on = dt.date(2027, 1, 4)
    addressee = factory.SelfAttribute("enterprise.name")
    address = "1 RUE DES ESSAIS\n29200 BREST"


class RateCalculationFactory(DjangoModelFactory[RateCalculation]):
    """Inputs that give an individual rate of 7.39 for 2026: (4.5406 + 0.19) × 1.52 + 0.17 + 0.03."""

    class Meta:
        model = RateCalculation

    decision = factory.SubFactory(RateDecisionFactory, effective_on=dt.date(2026, 1, 1))
    headcount_n2 = 180
    payroll_n2 = payroll_n3 = payroll_n4 = 1_000_000
    risk_value = 136_200
    collective_rate = Decimal("7.39")
    ctn = "B"
    rounding = "half-up/2/end"


class NotificationFactory(DjangoModelFactory[Notification]):
    class Meta:
        model = Notification

    decision = factory.SubFactory(RateDecisionFactory)
    establishment = factory.SelfAttribute("decision.establishment")
    enterprise = factory.SelfAttribute("decision.enterprise")
    campaign = factory.SelfAttribute("decision.campaign")
    published_at = PUBLISHED


def several(count: int, establishment: Establishment) -> list[Notification]:
    """Return notifications of an establishment, each of its own year of effect and rate, quickly."""
    campaign = CampaignFactory()
    decisions = RateDecision.objects.bulk_create(
        RateDecisionFactory.build(
            campaign=campaign,
            establishment=establishment,
            effective_on=dt.date(2020 + number % 80, 1, 1),
            version=1 + number // 80,
            rate=Decimal(number) / 10,
        )
        for number in range(count)
    )
    return Notification.objects.bulk_create(NotificationFactory.build(decision=decision) for decision in decisions)
