"""One real payload for each page that answers a POST, sent by somebody who has the right to: see test_journaled.py."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.core import mail
from django.core.files.base import ContentFile
from django.test import Client

from accounts.actions.imports import receive_file
from accounts.actions.people import invite_declarant, suspend_user
from accounts.models import ImportFile, User
from habilitations.actions import keys
from habilitations.actions.cooptation import choose_route
from habilitations.models import ATMP, ActivationKey, Cooptation, Declaration, Habilitation, Registration
from notifications.actions import receipts
from notifications.models import DocumentArchive, Notification
from notifications.tasks import make_archives
from portfolios.models import Client as FirmClient
from tests.accounts.test_admin_register import headcounts, values
from tests.accounts.views.test_security_detail import shown_secret
from tests.conftest import NOW
from tests.factories.accounts import PASSWORD, EnterpriseFactory, EstablishmentFactory, UserFactory, siret
from tests.factories.notifications import (
    CampaignFactory,
    CollectiveRateFactory,
    ImportFileFactory,
    NotificationFactory,
)
from tests.factories.tiers import client_of
from tests.factors import STEP, SoftwareKey, application_of, with_application
from tests.habilitations.test_admin import CATALOGUE
from tests.notifications.test_admin_correction import RECTIFY
from tests.notifications.test_admin_tariff import GOOD
from tests.people import Company, logged_in
from tests.portfolios.dsn import CLIENT, declaration, encoded, rubriques
from tests.registering import fill

NEW = "Trombone47vert"
PROOF = {"current": PASSWORD}


@dataclass
class Sent:
    """What one POST is made of, and what the journal is to say.

    args: of the address. siren: the enterprise's, « » for none, None for that of who sends. by: None for a visitor,
    about whom the journal says `who`. newcomer: the journal names the account that was just made.
    """

    verb: str
    by: User | None
    args: tuple[Any, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)
    siren: str | None = None
    client: Client | None = None
    who: User | None = None
    query: str = ""
    newcomer: bool = False


class Cast:
    """The people of tests/people.py, each made when he is first named."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        self._request = request

    def __getattr__(self, name: str) -> Any:
        return self._request.getfixturevalue(name)

    @property
    def siren(self) -> str:
        company: Company = self.company
        return company.enterprise.pk


Case = Callable[[Cast], Sent]
CASES: dict[str, Case] = {}


def case(name: str) -> Callable[[Case], Case]:
    """Keep what exercises a page. name: its URL's, then « | » and what the address or the action says."""

    def keep(made: Case) -> Case:
        CASES[name] = made
        return made

    return keep


def simple(name: str, verb: str, **data: Any) -> None:
    """A page without arguments, for the administrator of the head office."""
    CASES[name] = lambda cast: Sent(verb, cast.administrator, data=data)


# Oneself and one's colleagues ----------------------------------------------

simple("portal:own_data", "user.data")
simple("accounts:account_change|mot-de-passe", "user.password", password=NEW, again=NEW, **PROOF)
simple("accounts:account_change|question", "user.question", question="pet", answer="Médor", **PROOF)
simple("accounts:account_change|adresse", "user.address", email="neuve@exemple.example", **PROOF)
simple("accounts:account_change|telephone", "user.phone", phone="02 98 00 00 00")


@case("accounts:account_leave")
def leave(cast: Cast) -> Sent:
    UserFactory(establishment=cast.company.head_office, administrator=True)
    return Sent("user.remove", cast.administrator)


@case("accounts:person_add")
def person_add(cast: Cast) -> Sent:
    data = {"last_name": "Prigent", "first_name": "Yann", "email": "yann@exemple.example", "phone": "0298000000"}
    return Sent("user.invite", cast.administrator, data=data | {"establishment": cast.company.head_office.siret})


@case("accounts:person_address")
def person_address(cast: Cast) -> Sent:
    return Sent("user.address", cast.administrator, (cast.declarant.pk,), {"email": "neuve@exemple.example"})


def act(slug: str, verb: str, whom: Callable[[Cast], User]) -> None:
    """One act of an administrator on a colleague."""
    CASES[f"accounts:person_act|{slug}"] = lambda cast: Sent(verb, cast.administrator, (whom(cast).pk, slug))


act("administrateur", "user.role", lambda cast: cast.declarant)
act("declarant", "user.role", lambda cast: cast.secondary_administrator)
act("suspendre", "user.suspend", lambda cast: cast.declarant)
act("retablir", "user.reactivate", lambda cast: cast.suspended)
act("retirer", "user.remove", lambda cast: cast.declarant)
act("renvoyer", "user.invite", lambda cast: invited(cast))


def invited(cast: Cast) -> User:
    return invite_declarant(
        establishment=cast.company.head_office, last_name="Prigent", first_name="Yann", homonym="", phone="",
        email="yann@exemple.example", by=cast.administrator, on=NOW,
    )  # fmt: skip


@case("accounts:password_lost")
def password_lost(cast: Cast) -> Sent:
    user = cast.declarant
    data = {"siret": user.establishment.siret, "last_name": user.last_name, "first_name": user.first_name}
    return Sent("password.ask", None, data=data, siren="")


@case("accounts:password_new")
def password_new(cast: Cast) -> Sent:
    asked = password_lost(cast)
    Client().post("/mot-de-passe/perdu/", asked.data)
    found = re.search(r"/mot-de-passe/(\d+)/(\S+)/", str(mail.outbox[-1].body))
    assert found
    return Sent("user.password", None, found.groups(), {"password": NEW, "again": NEW}, cast.siren, who=cast.declarant)


# Second factors -------------------------------------------------------------


@case("accounts:security_application")
def application(cast: Cast) -> Sent:
    from accounts.rules.codes import code_at

    client = logged_in(cast.declarant)
    secret, sealed = shown_secret(client.get("/securite/application/"))
    return Sent("factor.add", cast.declarant, data={"secret": sealed, "code": code_at(secret, STEP)} | PROOF)


@case("accounts:security_passkey")
def passkey(cast: Cast) -> Sent:
    client = logged_in(cast.declarant)
    credential = SoftwareKey().create(client.post("/securite/cle/defi/").json())
    return Sent("factor.add", cast.declarant, data={"name": "T", "credential": credential} | PROOF, client=client)


@case("accounts:security_codes")
def codes(cast: Cast) -> Sent:
    with_application(cast.declarant)
    return Sent("factor.codes", cast.declarant, data=PROOF)


@case("accounts:security_remove")
def remove_factor(cast: Cast) -> Sent:
    with_application(cast.declarant)
    return Sent("factor.remove", cast.declarant, (application_of(cast.declarant).pk,), PROOF)


@case("accounts:security_sessions")
def sessions(cast: Cast) -> Sent:
    user = cast.declarant
    data = {"siret": user.establishment.siret, "last_name": user.last_name, "first_name": user.first_name}
    here, _elsewhere = (Client() for _one in range(2))
    for client in (here, _elsewhere):
        client.post("/connexion/", data | {"password": PASSWORD})
    return Sent("session.end", user, client=here)


@case("mfa_authenticate")
def recovery(cast: Cast) -> Sent:
    """By a recovery code: it is used up. A code of the application leaves as much as a log-in."""
    from tests.factors import gives_password, recovery_codes

    with_application(cast.declarant)
    data = {"code": recovery_codes(cast.declarant)[0]}
    return Sent(
        "factor.code", None, data=data, siren=cast.siren, client=gives_password(cast.declarant), who=cast.declarant
    )


# Registration and candidates ------------------------------------------------


@case("habilitations:registration_submit")
def submit(cast: Cast) -> Sent:
    client = Client()
    fill(client, cast.company.head_office)
    data = {"draft": client.session["registration_draft"]}
    return Sent("registration.submit", None, data=data, siren=cast.siren, client=client, newcomer=True)


@case("account_confirm_email")
def confirm_email(cast: Cast) -> Sent:
    user = UserFactory(establishment=cast.company.head_office, administrator=True, state=User.State.UNVERIFIED)
    Registration.objects.create(user=user, number="2027-000001", submitted_at=NOW, profile="enterprise")
    key = EmailConfirmationHMAC.create(EmailAddress.objects.get(user=user)).key
    return Sent("user.activate", None, (key,), siren=cast.siren, who=user)


@case("habilitations:cooptation_decide")
def decide(cast: Cast) -> Sent:
    asked = cast.candidate.cooptation.pk
    return Sent("cooptation.grant", cast.administrator, data={f"{asked}-choice": "accord", f"{asked}-reason": ""})


@case("habilitations:cooptation_route|cooptation")
def route(cast: Cast) -> Sent:
    assert cast.administrator
    letters(cast)
    return Sent("cooptation.route", cast.candidate, data={"route": Cooptation.Route.COOPTATION})


@case("habilitations:cooptation_route|cle")
def route_key(cast: Cast) -> Sent:
    return Sent("cooptation.letter", cast.candidate, data={"route": Cooptation.Route.KEY})


@case("habilitations:cooptation_route|retour a la cle")
def route_back(cast: Cast) -> Sent:
    """The letter was printed meanwhile: its key still holds, and no other is asked for."""
    assert cast.administrator
    letters(cast, "print_letters")
    choose_route(cooptation=cast.candidate.cooptation, route=Cooptation.Route.COOPTATION, on=NOW)
    return Sent("cooptation.route", cast.candidate, data={"route": Cooptation.Route.KEY})


def letters(cast: Cast, *done: str) -> list[Any]:
    """Put a candidate's letter so far; return the printed ones."""
    choose_route(cooptation=cast.candidate.cooptation, route=Cooptation.Route.KEY, on=NOW)
    rows, printed = ActivationKey.objects.all(), []
    if "print_letters" in done:
        printed = keys.print_letters(keys=rows, by=cast.staff, on=NOW, day=NOW.date())
    if "post_letters" in done:
        keys.post_letters(keys=rows, by=cast.staff, on=NOW)
    return printed


@case("habilitations:activation_letter")
def letter(cast: Cast) -> Sent:
    letters(cast, "print_letters", "post_letters")
    return Sent("cooptation.letter", cast.candidate)


@case("habilitations:activation_key")
def key(cast: Cast) -> Sent:
    [printed] = letters(cast, "print_letters")
    return Sent("key.used", cast.candidate, data={"key": printed.key})


# Declarations and rights ----------------------------------------------------


@case("habilitations:declaration_choice")
def declaration_choice(cast: Cast) -> Sent:
    other = Declaration.objects.in_use(NOW.date()).exclude(code=ATMP).order_by("code")[0]
    data = {"selection": [ATMP, other.code], "valider": "1"}
    return Sent("declaration.register", cast.administrator, (cast.company.head_office.pk,), data)


@case("habilitations:habilitation_matrix")
def matrix(cast: Cast) -> Sent:
    cell = f"{cast.declarant_without_right.pk}-{Declaration.objects.get(code=ATMP).pk}"
    data = {"montre": cell, "accorde": cell, "confirme": "1"}
    return Sent("habilitation.grant", cast.administrator, (cast.company.head_office.pk,), data)


@case("habilitations:habilitation_person")
def matrix_person(cast: Cast) -> Sent:
    cell = f"{cast.company.head_office.pk}-{Declaration.objects.get(code=ATMP).pk}"
    data = {"montre": cell, "confirme": "1"}
    return Sent("habilitation.remove", cast.administrator, (cast.declarant.pk,), data)


# Portfolios -----------------------------------------------------------------


def client(cast: Cast) -> FirmClient:
    return client_of(cast.tiers_declarant.establishment.enterprise)


def firm(name: str, verb: str, data: dict[str, Any], on: Callable[[FirmClient], tuple[Any, ...]]) -> None:
    """A page of an accounting firm that has one client. on: the address's arguments."""
    CASES[f"portfolios:{name}"] = lambda cast: Sent(f"portfolio.{verb}", cast.tiers_declarant, on(client(cast)), data)


def of_portfolio(one: FirmClient) -> tuple[int]:
    return (one.portfolio_id,)


def of_client(one: FirmClient) -> tuple[int]:
    return (one.pk,)


firm("portfolio_add", "create", {"name": "Est", "comment": "", "valider": "1"}, lambda _one: ())
firm("portfolio_change", "change", {"name": "Est", "comment": "", "valider": "1"}, of_portfolio)
firm("portfolio_delete", "delete", {}, of_portfolio)
firm("portfolio_declarations", "declaration", {"valider": "1", "confirme": "1"}, of_portfolio)
firm("client_remove", "client.remove", {}, of_client)
firm("client_declarations", "declaration", {"valider": "1", "confirme": "1"}, of_client)
firm("client_follow_all", "client.follow", {"suivre": "1"}, of_portfolio)


@case("portfolios:client_list")
def client_list(cast: Cast) -> Sent:
    portfolio = client(cast).portfolio
    return Sent(
        "portfolio.client.add", cast.tiers_declarant, (portfolio.pk,), {"sirets": cast.company.head_office.siret}
    )


@case("portfolios:client_follow")
def client_follow(cast: Cast) -> Sent:
    one = client(cast)
    data = {"montre": one.pk, "suivi": one.pk}
    return Sent("portfolio.client.follow", cast.tiers_declarant, (one.portfolio_id,), data)


@case("portfolios:client_habilitations")
def client_habilitations(cast: Cast) -> Sent:
    one = client(cast)
    colleague = UserFactory(establishment=cast.tiers_declarant.establishment)
    one.portfolio.members.add(colleague)
    cell = f"{colleague.pk}-{one.declarations.get().pk}"
    data = {"montre": cell, "accorde": cell, "confirme": "1"}
    return Sent("portfolio.client.habilitation", cast.tiers_declarant, (one.pk,), data)


@case("portfolios:bulk_add")
def bulk_add(cast: Cast) -> Sent:
    file = ContentFile(f"SIRET;Client\n{cast.company.head_office.siret};1\n".encode(), "x.csv")
    data = {"portfolio": client(cast).portfolio_id, "kind": "etablissements", "file": file}
    return Sent("bulk.receive", cast.tiers_declarant, data=data)


def dsn() -> ContentFile:
    EstablishmentFactory(enterprise=EnterpriseFactory(siren=CLIENT[:9]), siret=CLIENT)
    return ContentFile(encoded(rubriques([declaration()])), "paie.dsn")


@case("portfolios:dsn_deposit")
def dsn_deposit(cast: Cast) -> Sent:
    return Sent("dsn.deposit", cast.tiers_declarant, data={"dsn": dsn()})


# Notifications --------------------------------------------------------------


def notification(cast: Cast, *done: receipts.Action) -> Notification:
    """A notification of the company, to which its administrator did this."""
    made: Notification = NotificationFactory(decision__establishment=cast.company.head_office)
    for one in done:
        one(notification=made, by=cast.administrator, on=NOW)
    return made


def told(name: str, verb: str, *done: receipts.Action) -> None:
    """A button of a notification. done: what was done to it before."""
    CASES[f"notifications:notification_{name}"] = lambda cast: Sent(
        f"notification.{verb}", cast.administrator, (notification(cast, *done).pk,)
    )


told("open", "read")
told("document", "document", receipts.open_notification)
told("archive", "archive", receipts.open_notification)
told("unarchive", "unarchive", receipts.open_notification, receipts.archive)
told("delete", "delete", receipts.open_notification)
told("restore", "restore", receipts.open_notification, receipts.delete)


@case("notifications:archive_list")
def archive_order(cast: Cast) -> Sent:
    notification(cast, receipts.open_notification)
    return Sent("archive.order", cast.administrator, data={"year": "2027"})


@case("notifications:archive_download")
def archive_take(cast: Cast) -> Sent:
    ordered = archive_order(cast)
    logged_in(cast.administrator).post("/notifications/documents/", ordered.data)
    make_archives()
    return Sent("archive.take", cast.administrator, (DocumentArchive.objects.get().pk,))


# Staff ----------------------------------------------------------------------


@case("admin:accounts_user_add")
def staff_add(cast: Cast) -> Sent:
    data = {"establishment": cast.company.head_office.siret, "last_name": "D'Hervé", "first_name": "Chloé"}
    data |= {"email": "chloe@exemple.example", "role": "declarant", "password": PASSWORD}
    return Sent("user.create", cast.staff, data=data, siren=cast.siren)


@case("admin:accounts_user_change")
def staff_change(cast: Cast) -> Sent:
    one = cast.declarant
    return Sent("user.phone", cast.staff, (one.pk,), {"email": one.email, "phone": "0298000000"}, cast.siren)


@case("admin:accounts_user_password")
def staff_password(cast: Cast) -> Sent:
    return Sent("user.password", cast.staff, (cast.declarant.pk,), {"password": NEW, "again": NEW}, cast.siren)


@case("admin:password_change")
def own_password(cast: Cast) -> Sent:
    data = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    return Sent("user.password", cast.staff, data=data)


def action(model: str, name: str, verb: str, row: Callable[[Cast], Any], **more: str) -> None:
    """One action of a staff's list on one row."""
    CASES[f"admin:{model}_changelist|{name}"] = lambda cast: Sent(
        verb, cast.staff, (), {"action": name, "_selected_action": [row(cast).pk]} | more, cast.siren
    )


def with_factor(cast: Cast) -> User:
    with_application(cast.declarant)
    user: User = cast.declarant
    return user


def suspended(cast: Cast) -> User:
    suspend_user(user=cast.declarant, by=None, on=NOW)
    user: User = cast.declarant
    return user


action("accounts_user", "suspend", "user.suspend", lambda cast: cast.declarant)
action("accounts_user", "reactivate", "user.reactivate", suspended)
action("accounts_user", "remove_factors", "factor.reset", with_factor)


def key_row(*done: str) -> Callable[[Cast], ActivationKey]:
    def row(cast: Cast) -> ActivationKey:
        letters(cast, *done)
        return ActivationKey.objects.get()

    return row


action("habilitations_activationkey", "print_letters", "key.printed", key_row())
action("habilitations_activationkey", "post_letters", "key.posted", key_row("print_letters"))
action("habilitations_activationkey", "return_letters", "key.returned", key_row("print_letters", "post_letters"))
action("habilitations_activationkey", "reprint_letters", "key.reprint", key_row("print_letters"))


@case("admin:accounts_enterprise_add")
def enterprise_add(cast: Cast) -> Sent:
    made = EnterpriseFactory.build()
    return Sent("enterprise.correct", cast.staff, (), {"siren": made.pk, "name": "X"} | headcounts(known=0), made.pk)


@case("admin:accounts_enterprise_change")
def enterprise_change(cast: Cast) -> Sent:
    data = {"name": "Belharra SAS", "reason": "Fusion"} | headcounts(known=0)
    return Sent("enterprise.correct", cast.staff, (cast.siren,), data, cast.siren)


@case("admin:accounts_establishment_add")
def establishment_add(cast: Cast) -> Sent:
    data = {"siret": siret(cast.siren, 3), "enterprise": cast.siren}
    return Sent("establishment.correct", cast.staff, (), data, cast.siren)


@case("admin:accounts_establishment_change")
def establishment_change(cast: Cast) -> Sent:
    place = cast.company.head_office
    data = values(place, city="QUIMPER", reason="Déménagement")
    return Sent("establishment.correct", cast.staff, (place.pk,), data, cast.siren)


@case("admin:habilitations_declaration_add")
def catalogue_add(cast: Cast) -> Sent:
    return Sent("catalogue.save", cast.staff, data=CATALOGUE)


@case("admin:habilitations_declaration_change")
def catalogue_change(cast: Cast) -> Sent:
    made = Declaration.objects.create(**CATALOGUE)
    return Sent("catalogue.save", cast.staff, (made.pk,), CATALOGUE | {"label": "Essai changé"})


@case("admin:habilitations_establishmentdeclaration_add")
def register(cast: Cast) -> Sent:
    other = Declaration.objects.exclude(code=ATMP)[0]
    data = {"establishment": cast.company.head_office.siret, "declaration": other.pk}
    return Sent("declaration.register", cast.staff, data=data, siren=cast.siren)


@case("admin:habilitations_establishmentdeclaration_delete")
def unregister(cast: Cast) -> Sent:
    row = cast.company.head_office.declarations.get()
    return Sent("declaration.remove", cast.staff, (row.pk,), {"post": "yes"}, cast.siren)


action(
    "habilitations_establishmentdeclaration", "delete_selected", "declaration.remove",
    lambda cast: cast.company.head_office.declarations.get(), post="yes",
)  # fmt: skip


@case("admin:habilitations_habilitation_add")
def grant(cast: Cast) -> Sent:
    data = {"user": cast.declarant_without_right.pk, "declaration": Declaration.objects.get(code=ATMP).pk}
    query = f"?siret={cast.company.head_office.siret}"
    return Sent("habilitation.grant", cast.staff, data=data, siren=cast.siren, query=query)


def right(cast: Cast) -> Habilitation:
    assert cast.declarant
    return Habilitation.objects.get()


@case("admin:habilitations_habilitation_delete")
def take_back(cast: Cast) -> Sent:
    return Sent("habilitation.remove", cast.staff, (right(cast).pk,), {"post": "yes"}, cast.siren)


action("habilitations_habilitation", "delete_selected", "habilitation.remove", right, post="yes")


def register_file() -> ContentFile:
    return ContentFile(b"siret;etablissementSiege\n73282932000074;true\n", "r.csv")


@case("admin:accounts_importfile_add")
def import_add(cast: Cast) -> Sent:
    return Sent("import.receive", cast.staff, data={"file": register_file()})


@case("admin:accounts_importfile_confirm")
def import_confirm(cast: Cast) -> Sent:
    row = ImportFileFactory(kind="register", status=ImportFile.Status.CHECKED)
    return Sent("import.confirm", cast.staff, (row.pk,))


@case("admin:accounts_importfile_cancel")
def import_cancel(cast: Cast) -> Sent:
    row = receive_file(kind=ImportFile.Kind.REGISTER, content=register_file(), by=cast.staff, on=NOW)
    ImportFile.objects.update(status=ImportFile.Status.CHECKED)
    return Sent("import.cancel", cast.staff, (row.pk,))


@case("admin:notifications_campaign_add")
def campaign_add(cast: Cast) -> Sent:
    CollectiveRateFactory()
    file = ContentFile(b"siret;code_risque;taux;date_effet;mode\n", "taux.csv")
    return Sent("import.receive", cast.staff, data={"name": "Campagne 2027", "file": file})


def campaign(verb: str) -> Case:
    return lambda cast: Sent(verb, cast.staff, (CampaignFactory(import_file__status=ImportFile.Status.CHECKED).pk,))


CASES["admin:notifications_campaign_confirm"] = campaign("import.confirm")
CASES["admin:notifications_campaign_cancel"] = campaign("import.cancel")


@case("admin:notifications_ratedecision_correct")
def correct(cast: Cast) -> Sent:
    CollectiveRateFactory()
    decision = notification(cast).decision
    return Sent("notification.correct", cast.staff, (decision.pk,), RECTIFY | {"confirmed": "1"}, cast.siren)


@case("admin:notifications_tariff_add")
def tariff(cast: Cast) -> Sent:
    return Sent("tariff.import", cast.staff, data={"file": ContentFile(GOOD, "2026.json"), "source": "essai"})


@case("admin:portfolios_dsndeposit_add")
def staff_dsn(cast: Cast) -> Sent:
    data = {"depositor": cast.company.head_office.siret, "dsn": dsn()}
    return Sent("dsn.deposit", cast.staff, data=data, siren=cast.siren)
