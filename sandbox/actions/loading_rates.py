"""Loads the rates of a copy: one campaign for each day of publication, read and published as the staff's are."""

import datetime as dt
from itertools import groupby

from django.core.files.base import ContentFile

from notifications.actions.campaign import RATES, create_campaign, publish_campaign
from notifications.actions.receipts import open_notification
from notifications.models import Campaign, Tariff
from portal import clock
from portal.kit import french
from sandbox.actions.loading import Loading
from sandbox.demo import NO_INPUTS, RATES_HEADER, TARIFF, TARIFF_YEARS, import_demo_tariff, known, risk_value
from sandbox.scenario.schema import Rate

# Whoever reads a notification does so on the day after the next.
_READ_AFTER = dt.timedelta(days=2)


def load_tariff(on: dt.datetime) -> None:
    """Import the demo's tariff for the years that have none: codes are checked with it."""
    there = set(Tariff.objects.values_list("year", flat=True))
    for index, year in enumerate(TARIFF_YEARS):
        if year not in there:
            import_demo_tariff(year, index, on)


def load_rates(this: Loading) -> None:
    """Publish the rates, and let their readers open them."""
    rates = sorted(this.scenario.rates, key=lambda rate: rate.published)
    for published, group in groupby(rates, key=lambda rate: rate.published):
        of_day = list(group)
        campaign = _publish(this, of_day, published)
        for rate in of_day:
            _read(this, campaign, rate)


def _publish(this: Loading, rates: list[Rate], on: dt.datetime) -> Campaign:
    lines = [line for rate in rates for line in _lines(this, rate)]
    content = ContentFile("\n".join([RATES_HEADER, *lines]).encode(), f"taux-{clock.day(on):%Y-%m-%d}.csv")
    name = f"{this.scenario.title}, copie {this.copy.number} : taux publiés le {french.day(clock.day(on))}"
    campaign = create_campaign(name=name[:100], content=content, by=None, on=on)
    this.work(campaign.import_file, RATES, on)
    publish_campaign(campaign=campaign, by=None, on=on)
    this.work(campaign.import_file, RATES, on)
    return campaign


def _lines(this: Loading, rate: Rate) -> list[str]:
    code = rate.code or this.scenario.place_of(rate.place)[1].code
    assert code is not None  # noqa: S101 - the file was checked
    day = clock.day(rate.effective)
    rest = f"{code};{rate.rate};{day:%d/%m/%Y};{rate.mode};{_inputs(rate, code, day)};{rate.reason}"
    return [f"{siret};{rest}" for siret in this.sirets(rate.place)]


def _inputs(rate: Rate, code: str, day: dt.date) -> str:
    """Return the cells from which a January's sheet is made, when the tables of its year are known."""
    if not rate.payroll or day.month != 1 or not known(day.year) or code not in TARIFF or rate.headcount is None:
        return NO_INPUTS
    value = risk_value(rate.rate, day.year, code, rate.headcount, sum(rate.payroll))
    amounts = ";".join(map(str, rate.payroll))
    return f"{rate.headcount};{amounts};{value};{rate.previous if rate.previous is not None else ''};"


def _read(this: Loading, campaign: Campaign, rate: Rate) -> None:
    if not rate.readers:
        return
    at = min(rate.published + _READ_AFTER, this.on)
    mine = campaign.notifications.filter(establishment__siret__in=this.sirets(rate.place))
    for notification in mine:
        for key in rate.readers:
            open_notification(notification=notification, by=this.people[key], on=at)
