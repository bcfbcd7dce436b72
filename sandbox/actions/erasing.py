"""Takes away what a copy's enterprises hold, so that it can be loaded again under the same SIRETs.

The register, the journal and the log of consultations stay (docs/decisions/0020): a notification that somebody opened
goes to an enterprise that nobody has any more, everything else is deleted.
"""

import datetime as dt
from functools import partial

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Substr

from accounts.actions.login import forget_all_login_failures
from accounts.models import Enterprise, Establishment, Headcount, ImportFile, Mail, User
from habilitations.models import Cooptation, EstablishmentDeclaration
from notifications.actions.archive import delete_files
from notifications.models import (
    Campaign,
    Consultation,
    DocumentArchive,
    Notice,
    NoticeRound,
    Notification,
    RateCalculation,
    RateDecision,
    Receipt,
)
from portal import clock
from portal.kit import french
from portfolios.models import BulkRequest, DsnCheck, DsnDeposit, DsnWindow, Portfolio
from sandbox.models import Copy, CopyEnterprise, Letter
from sandbox.scenario.sirens import siret

Sirens = QuerySet[CopyEnterprise, str]


def copy_sirens(copy: Copy) -> Sirens:
    """Return the SIRENs of a copy, as a subquery."""
    return CopyEnterprise.objects.filter(copy=copy).values_list("enterprise", flat=True)


def erase(copy: Copy, archive_siren: str, on: dt.datetime) -> None:
    """Leave the copy's enterprises with their register and their past alone. archive_siren: a free one."""
    sirens = copy_sirens(copy)
    _erase_rates(copy, sirens, archive_siren, on)
    _erase_tiers(sirens)
    _erase_people(copy, sirens)
    EstablishmentDeclaration.objects.filter(establishment__enterprise__in=sirens).delete()
    Headcount.objects.filter(enterprise__in=sirens).delete()
    Mail.objects.filter(siren__in=sirens).delete()


def _erase_rates(copy: Copy, sirens: Sirens, archive_siren: str, on: dt.datetime) -> None:
    archives = DocumentArchive.objects.filter(enterprise__in=sirens)
    for one in archives:
        transaction.on_commit(partial(delete_files, one))
    archives.delete()
    mine = Notification.objects.filter(enterprise__in=sirens)
    campaigns = list(RateDecision.objects.filter(enterprise__in=sirens).values_list("campaign", flat=True).distinct())
    Receipt.objects.filter(notification__in=mine).delete()
    opened = mine.filter(Exists(Consultation.objects.filter(notification=OuterRef("pk"))))
    _archive(copy, opened, archive_siren, on)
    mine.delete()
    decisions = RateDecision.objects.filter(enterprise__in=sirens)
    Letter.objects.filter(decision__in=decisions).delete()
    RateCalculation.objects.filter(decision__in=decisions).delete()
    decisions.delete()
    # A campaign of this copy alone has nothing left; one that staff published for all is theirs.
    empty = Campaign.objects.filter(pk__in=campaigns, import_file__created_by=None, decisions=None)
    files = list(empty.values_list("import_file", flat=True))
    for model in (Notice, NoticeRound):
        model._default_manager.filter(campaign__in=empty).delete()
    empty.delete()
    ImportFile.objects.filter(pk__in=files).delete()


def _archive(copy: Copy, opened: QuerySet[Notification], siren: str, on: dt.datetime) -> None:
    """Move the notifications whose consultation is on record, with their decisions, out of everybody's sight."""
    places = list(Establishment.objects.filter(pk__in=opened.values("establishment")).order_by("siret"))
    if not places:
        return
    name = f"Archives de {copy}, jusqu'au {french.day(clock.day(on))}"
    archive = Enterprise.objects.create(siren=siren, name=name)
    for number, place in enumerate(places, 1):
        kept = Establishment.objects.create(
            siret=siret(siren, number), enterprise=archive, address=place.address, postcode=place.postcode,
            city=place.city, naf=place.naf, code_risque=place.code_risque, closed_on=clock.day(on),
        )  # fmt: skip
        rows = list(opened.filter(establishment=place).values_list("pk", "decision"))
        RateDecision.objects.filter(pk__in=[decision for _pk, decision in rows]).update(
            establishment=kept, enterprise=archive
        )
        Notification.objects.filter(pk__in=[pk for pk, _decision in rows]).update(
            establishment=kept, enterprise=archive
        )


def _erase_tiers(sirens: Sirens) -> None:
    for request in BulkRequest.objects.filter(portfolio__enterprise__in=sirens).exclude(upload=""):
        transaction.on_commit(lambda upload=request.upload: upload.delete(save=False))  # type: ignore[misc]
    Portfolio.objects.filter(enterprise__in=sirens).delete()
    for model in (DsnDeposit, DsnWindow):
        model._default_manager.filter(depositor__in=sirens).delete()
    DsnCheck.objects.filter(enterprise__in=sirens).delete()


def _erase_people(copy: Copy, sirens: Sirens) -> None:
    """Delete the people, whoever registered since included, with their sessions, candidacies and letters."""
    Cooptation.objects.filter(enterprise__in=sirens).delete()
    Letter.objects.annotate(siren=Substr("siret", 1, 9)).filter(siren__in=sirens).delete()
    users = User.objects.filter(establishment__enterprise__in=sirens)
    forget_all_login_failures(keys=users.values_list("login_key", flat=True))
    sessions = UserSession.objects.filter(user__in=users)
    Session.objects.filter(session_key__in=sessions.values("session_key")).delete()
    sessions.delete()
    users.delete()
    copy.people.all().delete()
