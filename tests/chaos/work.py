"""Run inside an installation: what there is to do in a round, prepared for all of them, then ordered for one."""

from django.core.files.base import ContentFile
from django.core.mail import send_mail
from django.db import transaction

from accounts.models import Establishment, User
from habilitations.models import ATMP, Declaration
from notifications.actions.campaign import publish_campaign
from notifications.models import Campaign
from portal import clock
from portfolios.actions.bulk import receive_request
from portfolios.models import BulkRequest, Client, Portfolio, PortfolioDeclaration
from tests.chaos.visitor import FIRST_NAME, LAST_NAME, PASSWORD
from tests.factories.accounts import EnterpriseFactory, EstablishmentFactory, UserFactory, hashed, siren
from tests.jobs.prepare import make_register, read_campaign


def prepare(*, rounds: int, rates: int, lines: int) -> None:
    """A firm with two portfolios a round: one to fill with clients, one whose clients wait for rights."""
    places = make_register(rates)
    now = clock.now()
    firm = EstablishmentFactory(enterprise=EnterpriseFactory(siren=siren(999_999)), head_office=True)
    UserFactory(
        establishment=firm, administrator=True, last_name=LAST_NAME, first_name=FIRST_NAME, password=hashed(PASSWORD)
    )
    collaborator = UserFactory(establishment=firm, last_name="Tanguy", first_name="Erwan")
    declaration = Declaration.objects.get(code=ATMP)
    for number in range(rounds):
        read_campaign(places, name=f"Campagne {number}", month=number + 1)
        Portfolio.objects.create(enterprise=firm.enterprise, name=f"Clients {number}", created_at=now)
        rights = Portfolio.objects.create(enterprise=firm.enterprise, name=f"Droits {number}", created_at=now)
        rights.members.add(collaborator)
        PortfolioDeclaration.objects.create(portfolio=rights, declaration=declaration, added_at=now)
        Client.objects.bulk_create(
            Client(portfolio=rights, establishment=place, added_at=now) for place in places[: lines // 4]
        )


@transaction.atomic
def order(number: int, *, lines: int, mails: int) -> None:
    """Publish a campaign, deposit a file of clients, write the mails: all at one instant."""
    now = clock.now()
    portfolio = Portfolio.objects.get(name=f"Clients {number}")
    sirets = Establishment.objects.order_by("id").values_list("siret", flat=True)[: lines // 2]
    receive_request(
        portfolio=portfolio,
        kind=BulkRequest.Kind.ESTABLISHMENTS,
        file=ContentFile("\n".join(["SIRET;client", *(f"{siret};1" for siret in sirets)]).encode(), "clients.csv"),
        by=User.objects.get(last_name=LAST_NAME),
        on=now,
    )
    for mail in range(mails):
        send_mail(f"Numero {number}-{mail}.", "x", None, ["a@exemple.example"])
    assert publish_campaign(campaign=Campaign.objects.get(name=f"Campagne {number}"), by=None, on=now)
