"""What tests of copies share: loading them, and every row that belongs to one."""

import html
import re
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.test import Client

from accounts.models import User
from portal import clock
from portfolios.models import Portfolio
from sandbox.actions.copies import load_next, order_copies
from sandbox.documents import card_token
from sandbox.models import Copy

# Every table that holds something of an enterprise: the way from a row to its SIREN.
OWNED = {
    "accounts.Enterprise": "pk", "accounts.Establishment": "enterprise", "accounts.Headcount": "enterprise",
    "accounts.User": "establishment__enterprise", "accounts.JournalEntry": "enterprise",
    "accounts.JournalChain": "pk", "accounts.Mail": "siren",
    "account.EmailAddress": "user__establishment__enterprise",
    "usersessions.UserSession": "user__establishment__enterprise",
    "habilitations.Cooptation": "enterprise", "habilitations.ActivationKey": "cooptation__enterprise",
    "habilitations.EstablishmentDeclaration": "establishment__enterprise",
    "habilitations.Habilitation": "establishment__enterprise",
    "habilitations.Registration": "user__establishment__enterprise",
    "portfolios.Portfolio": "enterprise", "portfolios.PortfolioDeclaration": "portfolio__enterprise",
    "portfolios.Client": "portfolio__enterprise", "portfolios.ClientDeclaration": "client__portfolio__enterprise",
    "portfolios.ClientHabilitation": "given__client__portfolio__enterprise",
    "portfolios.BulkRequest": "portfolio__enterprise", "portfolios.BulkLine": "request__portfolio__enterprise",
    "portfolios.DsnDeposit": "depositor", "portfolios.DsnFiling": "depositor",
    "portfolios.DsnRate": "filing__depositor", "portfolios.DsnRemark": "deposit__depositor",
    "portfolios.DsnWindow": "depositor", "portfolios.DsnCheck": "enterprise",
    "notifications.RateDecision": "enterprise", "notifications.RateCalculation": "decision__enterprise",
    "notifications.Notification": "enterprise", "notifications.Receipt": "notification__enterprise",
    "notifications.DocumentArchive": "enterprise", "notifications.Dismissed": "enterprise",
    "notifications.Consultation": "notification__enterprise", "notifications.Notice": "user__establishment__enterprise",
    "sandbox.Letter": "siren", "sandbox.CopyEnterprise": "enterprise",
    "sandbox.CopyPerson": "user__establishment__enterprise",
}  # fmt: skip
# Tables that are common to all, or whose rows serve one passage of a file or of a visitor.
COMMON = {
    "accounts.ImportFile", "accounts.ImportBatch", "accounts.ImportProblem", "accounts.StagedEstablishment",
    "accounts.StagedHeadcount", "accounts.Sweep", "accounts.LoginFailure", "accounts.RegistrationDraft",
    "habilitations.Declaration", "notifications.Tariff", "notifications.CollectiveRate", "notifications.Campaign",
    "notifications.NoticeRound", "notifications.StagedRate", "notifications.StagedCalculation", "sandbox.Clock",
    "sandbox.Advance", "sandbox.Copy",
}  # fmt: skip


def load(name: str, count: int = 1) -> list[Copy]:
    """Order copies, and load them as the sweep does."""
    copies = order_copies(name=name, count=count, by=None, on=clock.now())
    while load_next(on=clock.now()):
        pass
    return list(Copy.objects.filter(pk__in=[copy.pk for copy in copies]).order_by("number"))


def rows_of(copy: Copy) -> dict[str, list[str]]:
    """Return every row that belongs to a copy's enterprises, by table."""
    sirens = list(copy.enterprises.values_list("enterprise", flat=True))
    found = {}
    for label, way in OWNED.items():
        rows: Any = _model(label)._default_manager
        rows = rows.with_siren() if label == "sandbox.Letter" else rows.all()
        found[label] = sorted(map(repr, rows.filter(**{f"{way}__in": sirens}).values_list()))
    return found


def counts_of(copy: Copy) -> dict[str, int]:
    """Return how many rows a copy has in each table."""
    return {label: len(rows) for label, rows in rows_of(copy).items()}


def everything() -> dict[str, list[str]]:
    """Return every row of every table of ours."""
    labels = sorted({*OWNED, *COMMON})
    return {label: sorted(map(repr, _model(label)._default_manager.values_list())) for label in labels}


def _model(label: str) -> type[Model]:
    return apps.get_model(label)


_SIRET = re.compile(r"\b\d{3}\s\d{3}\s\d{3}\s\d{5}\b")
_COPY = re.compile(r"@copie-(\d+)\.example")
_READ = {
    "anais": ("/menu/", "/notifications/", "/entreprise/", "/entreprise/inscrits/", "/entreprise/journal/",
              "/habilitations/cooptations/"),
    "chloe": ("/menu/", "/portefeuilles/", "/notifications/clients/", "/notifications/clients/nouveaux-taux/",
              "/portefeuilles/dsn/", "/entreprise/journal/"),
}  # fmt: skip
_TOOLS = ("/simulateur/personnages/", "/simulateur/courriels/", "/simulateur/lettres/", "/simulateur/")


def play(copy: Copy) -> tuple[set[str], set[str]]:
    """Do what a trainee does in « découverte », by its pages; return the SIRETs and the copies' numbers he saw."""
    browser, seen = Client(), []

    def ask(method: str, path: str, posted: dict[str, str] | None = None) -> str:
        answer = getattr(browser, method)(path, posted or {}, follow=True)
        assert answer.status_code == 200, (path, answer.status_code)
        seen.append(html.unescape(answer.content.decode()))
        return seen[-1]

    ask("get", f"/simulateur/carte/{card_token(copy)}/")
    for key, pages in _READ.items():
        ask("post", f"/simulateur/personnages/{copy.pk}-{key}/")
        for path in pages:
            ask("get", path)
        if key == "anais":
            unread = re.findall(r'id="ligne-(\d+)"', ask("get", "/notifications/"))
            ask("post", f"/notifications/{unread[0]}/ouvrir/")
            [asked] = re.findall(r'name="(\d+)-choice"[^>]*value="accord"', ask("get", "/habilitations/cooptations/"))
            ask("post", "/habilitations/cooptations/decision/", {f"{asked}-choice": "accord", f"{asked}-reason": ""})
        else:
            ask("post", "/portefeuilles/ajouter/", {"name": f"À moi {copy.pk}", "comment": "", "valider": "1"})
        for path in _TOOLS:
            ask("get", path)
        for path in re.findall(r'href="(/simulateur/courriels/boite/[^"]+)"', ask("get", "/simulateur/courriels/")):
            ask("get", path)
    text = " ".join(seen)
    return {"".join(one.split()) for one in _SIRET.findall(text)}, set(_COPY.findall(text))


def check_class(copies: list[Copy], shown: list[tuple[set[str], set[str]]]) -> None:
    """Each saw his own alone, and each had something that another could have seen."""
    for copy, (sirets, numbers) in zip(copies, shown, strict=True):
        own = {f"{siren}" for siren in copy.enterprises.values_list("enterprise", flat=True)}
        assert {siret[:9] for siret in sirets} == own
        assert numbers == {str(copy.pk)}
    names = User.objects.filter(first_name="Maël", state=User.State.ACTIVE)
    assert names.count() == len(copies)
    assert Portfolio.objects.filter(name__startswith="À moi").count() == len(copies)
