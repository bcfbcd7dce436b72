"""What each list shows to whom: something of each owner is planted, and its mark is looked for in the page."""

import datetime as dt
import html
import re
from dataclasses import dataclass

from django.http.response import HttpResponseBase

from accounts.actions.journal import record
from accounts.models import Enterprise, Establishment, User
from habilitations.models import Cooptation
from notifications.models import DocumentArchive
from portfolios.models import BulkRequest, ClientHabilitation, DsnDeposit, DsnFiling, DsnRate
from tests.conftest import NOW
from tests.factories.accounts import EnterpriseFactory, EstablishmentFactory, UserFactory
from tests.factories.habilitations import CooptationFactory
from tests.factories.notifications import NotificationFactory, RateDecisionFactory
from tests.factories.tiers import client_of
from tests.house.world import World
from tests.workbooks import content_of

LISTED = "what it lists"
# The letter of a mark → whose.
OWNERS = {
    "H": "Belharra's head office",
    "S": "its secondary establishment",
    "X": "the other enterprise, and its client",
    "F": "the firm, and its client where f works",
    "P": "the firm's client where f does not",
    "G": "the other firm, and its client",
}
# Every page that lists → its argument, if it has one.
LISTS: dict[str, tuple[str, ...]] = {
    "accounts:enterprise_detail": (),
    "accounts:journal_list": (),
    "accounts:person_list": (),
    "habilitations:cooptation_list": (),
    "habilitations:cooptation_outcome": (),
    "habilitations:declaration_list": (),
    "habilitations:habilitation_list": (),
    "notifications:archive_list": (),
    "notifications:client_payroll_export": ("csv",),
    "notifications:client_payroll_list": (),
    "notifications:client_rate_export": ("csv",),
    "notifications:client_rate_list": (),
    "notifications:client_rate_spread": (),
    "notifications:new_rate_export": ("csv",),
    "notifications:new_rate_list": (),
    "notifications:notification_list": (),
    "notifications:payroll_export": ("csv",),
    "notifications:payroll_list": (),
    "notifications:rate_export": ("csv",),
    "notifications:rate_list": (),
    "notifications:rate_spread": (),
    "portfolios:bulk_add": (),
    "portfolios:bulk_list": (),
    "portfolios:dsn_deposit": (),
    "portfolios:portfolio_list": (),
    "portfolios:tiers_list": (),
}
JANUARY = dt.date(2027, 1, 1)


@dataclass
class Marks:
    """The texts by which each owner's things are known, spaces left out, in small letters."""

    texts: dict[str, set[str]]

    def seen(self, came: HttpResponseBase) -> str:
        """Return the letters of the owners of whom a page or a file shows something; « – » for none."""
        body = content_of(came) if came.streaming else came.content  # type: ignore[attr-defined]
        text = body.decode(errors="replace")
        # What surrounds a page names who is logged in.
        main = re.search(r"<main.*</main>", text, re.DOTALL)
        flat = re.sub(r"\s", "", html.unescape(main[0] if main else text)).casefold()
        found = [letter for letter, texts in self.texts.items() if any(one in flat for one in texts)]
        return "".join(found) or "–"


def plant(world: World) -> Marks:
    """Give every owner one thing for each list."""
    company = world.cast.company
    others = {"X": world.cast.stranger, "F": world.cast.tiers_declarant, "G": world.people["G"]}
    owners = {"H": (world.people["A"], company.head_office), "S": (world.people["a"], company.secondary)}
    for letter, user in others.items():
        owners[letter] = (user, EstablishmentFactory(enterprise=user.establishment.enterprise))
    marks, tiers = Marks({letter: {_word(letter), _code(letter).casefold()} for letter in OWNERS}), EnterpriseFactory()
    for year, (letter, (user, place)) in enumerate(owners.items(), 1911):
        _of_company(letter, place)
        client_of(tiers, place)
        DocumentArchive.objects.create(
            enterprise=place.enterprise, user=user, year=year, notifications=[], total=0, status="failed",
            created_at=NOW, ended_at=NOW,
        )  # fmt: skip
        marks.texts[letter] |= {place.siret, f">{year}<"}
    members = {"X": None, "F": world.people["f"], "P": None, "G": world.people["g"]}
    for letter, member in members.items():
        enterprise = owners["F" if letter == "P" else letter][1].enterprise
        marks.texts[letter].add(_of_firm(letter, enterprise, member).siret)
    return marks


def query_of(name: str) -> str:
    """Return what a list is asked with: the acknowledgement names its requests."""
    if name != "habilitations:cooptation_outcome":
        return ""
    decided = Cooptation.objects.exclude(status=Cooptation.Status.PENDING).values_list("pk", flat=True)
    return f"?demandes={','.join(map(str, decided))}"


def _word(letter: str) -> str:
    return f"repère{letter}".casefold()


def _code(letter: str) -> str:
    return f"90.0{letter}Z"


def _of_company(letter: str, place: Establishment) -> None:
    """People, candidates, an entry of the journal, a rate, a notification, a DSN of its own."""
    name = f"Repère{letter}"
    UserFactory(establishment=place, last_name=name)
    CooptationFactory(user__establishment=place, user__last_name=name, user__first_name="Ana")
    CooptationFactory(
        user__establishment=place, user__last_name=name, user__first_name="Bea", user__state=User.State.ACTIVE,
        status=Cooptation.Status.GRANTED, decided_at=NOW,
    )  # fmt: skip
    record(by=None, on=NOW, verb="essai", summary=name, enterprise=place.enterprise)
    _rate(letter, place, place.enterprise)


def _of_firm(letter: str, firm: Enterprise, member: User | None) -> Establishment:
    """A portfolio with one client, followed and open, and a bulk request. Return the client's establishment."""
    name = f"Repère{letter}"
    place: Establishment = EstablishmentFactory(head_office=True, enterprise__name=name)
    client = client_of(firm, place, name=name)
    type(client).objects.filter(pk=client.pk).update(followed_since=NOW)
    if member:
        client.portfolio.members.add(member)
        ClientHabilitation.objects.create(user=member, given=client.declarations.get(), granted_at=NOW)
    BulkRequest.objects.create(
        portfolio=client.portfolio, kind="etablissements", name=f"{name}.csv", size=1, status="done", created_at=NOW
    )
    _rate(letter, place, firm)
    return place


def _rate(letter: str, place: Establishment, depositor: Enterprise) -> None:
    """A rate in force, a notification to be opened, and a DSN that applied another rate."""
    RateDecisionFactory(establishment=place, code_risque=_code(letter), effective_on=dt.date(2026, 1, 1))
    NotificationFactory(decision__establishment=place, decision__code_risque=_code(letter))
    deposit = DsnDeposit.objects.create(
        depositor=depositor, deposited_at=NOW, name=f"Repère{letter}.dsn", sha256=place.siret, size=1, outcome="OK",
        accepted=1,
    )  # fmt: skip
    filing = DsnFiling.objects.create(
        deposit=deposit, depositor=depositor, establishment=place, filed_on=dt.date(2027, 1, 10), month=JANUARY,
        nature="01", type="01", fraction="11", line=1,
    )  # fmt: skip
    DsnRate.objects.create(filing=filing, code=_code(letter), rate="1.78", line=1)
