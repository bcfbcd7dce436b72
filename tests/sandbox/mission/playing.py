"""Plays « découverte » by the actions behind its pages: what tests of missions share."""

import datetime as dt

from django.core.files.base import ContentFile

from accounts.actions.people import invite_declarant
from accounts.models import Enterprise, Establishment, User
from habilitations.actions.cooptation import decide_cooptation
from habilitations.actions.rights import grant_habilitation, register_declaration
from habilitations.models import ATMP, Cooptation, Declaration
from notifications.actions.receipts import archive, open_notification, take_document
from notifications.models import Notification
from portfolios.actions.dsn import deposit_dsn
from portfolios.actions.portfolio import (
    add_clients,
    create_portfolio,
    follow_clients,
    set_client_declarations,
    set_client_habilitations,
    set_portfolio_declarations,
)
from portfolios.models import Client, Portfolio
from sandbox.demo_tiers import month_file
from sandbox.mission.progress import progress_in, world_of
from sandbox.models import Copy


def done(copy: Copy | None, now: dt.datetime) -> set[str]:
    """Return the checks that hold in a copy, or in the demo."""
    copy = copy and Copy.objects.get(pk=copy.pk)
    return {check for row in progress_in(world_of(copy), now) for check, at in row.done.items() if at}


class Player:
    """Does things in one copy, on the instant it is given."""

    def __init__(self, copy: Copy) -> None:
        self.copy = copy
        self.of = {one.key: one.enterprise for one in copy.enterprises.select_related("enterprise")}

    def who(self, last_name: str) -> User:
        return User.objects.get(last_name=last_name, establishment__enterprise__in=list(self.of.values()))

    def place(self, key: str) -> Establishment:
        return Establishment.objects.get(enterprise=self.of[key], is_head_office=True)

    def candidacy(self) -> Cooptation:
        return Cooptation.objects.get(enterprise=self.of["aubepine"], status="pending")

    def decide(self, on: dt.datetime, *, granted: bool) -> None:
        decide_cooptation(cooptation=self.candidacy(), granted=granted, reason="", by=self.who("Le Goff"), on=on)

    def invite(self, on: dt.datetime) -> None:
        invite_declarant(
            establishment=self.place("aubepine"), last_name="Nouvel", first_name="Ana", homonym="",
            email="n@exemple.example", phone="", by=self.who("Le Goff"), on=on,
        )  # fmt: skip

    def register(self, on: dt.datetime) -> None:
        register_declaration(
            establishment=self.place("dentelliere"), declaration=Declaration.objects.get(code=ATMP), by=None, on=on
        )

    def grant(self, on: dt.datetime) -> None:
        grant_habilitation(
            user=self.who("Abgrall"), establishment=self.place("aubepine"),
            declaration=Declaration.objects.get(code=ATMP), by=self.who("Le Goff"), on=on,
        )  # fmt: skip

    def notification(self) -> Notification:
        return Notification.objects.filter(enterprise=self.of["aubepine"]).latest("pk")

    def read(self, on: dt.datetime, by: str) -> None:
        open_notification(notification=self.notification(), by=self.who(by), on=on)

    def download(self, on: dt.datetime) -> None:
        take_document(notification=self.notification(), by=self.who("Le Goff"), on=on)

    def archive(self, on: dt.datetime) -> None:
        archive(notification=self.notification(), by=self.who("Le Goff"), on=on)

    def portfolio(self, on: dt.datetime) -> Portfolio:
        return create_portfolio(
            enterprise=self.of["cormoran"], name="Nouveau", comment="", members=[self.who("Tanguy")],
            by=self.who("D'Hervé"), on=on,
        )  # fmt: skip

    def compose(self, portfolio: Portfolio, on: dt.datetime) -> Client:
        places = Establishment.objects.filter(pk=self.place("aubepine").pk)
        add_clients(portfolio=portfolio, establishments=places, by=self.who("D'Hervé"), on=on)
        return portfolio.clients.get()

    def hold(self, portfolio: Portfolio, on: dt.datetime) -> None:
        atmp = Declaration.objects.filter(code=ATMP)
        set_portfolio_declarations(portfolio=portfolio, declarations=atmp, by=self.who("D'Hervé"), on=on)

    def give(self, client: Client, on: dt.datetime) -> None:
        atmp = list(Declaration.objects.filter(code=ATMP))
        set_client_declarations(client=client, declarations=atmp, by=self.who("D'Hervé"), on=on)

    def entrust(self, client: Client, on: dt.datetime) -> None:
        given, user = client.declarations.get(), self.who("Tanguy")
        set_client_habilitations(
            client=client, shown=[(user, given)], granted={(user.pk, given.pk)}, by=self.who("D'Hervé"), on=on
        )

    def deposit(self, client: Client, on: dt.datetime) -> None:
        firm: Enterprise = self.of["cormoran"]
        file: ContentFile[bytes] = month_file(self.place("cormoran").siret, client.establishment.siret, None, on.date())
        deposit_dsn(file=file, depositor=firm, by=self.who("D'Hervé"), on=on)

    def follow(self, client: Client, on: dt.datetime) -> None:
        follow_clients(
            portfolio=client.portfolio, shown=[client.pk], followed=[client.pk], by=self.who("D'Hervé"), on=on
        )
