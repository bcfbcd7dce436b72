"""One decision replaced, followed or cancelled by staff, through the way of every file of rates (decision 0018)."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import dataclass
from decimal import Decimal

from django.core.files.base import ContentFile
from django.db import transaction

from accounts.actions.imports import apply_next_batch, close_applied_files, read_next_file
from accounts.actions.journal import record
from accounts.models import Establishment, ImportFile, User
from notifications.actions.campaign import RATES, create_campaign, publish_campaign
from notifications.models import RateDecision
from portal.kit.csvfile import FileProblem

_COLUMNS = ("siret", "code_risque", "taux", "mode", "date_effet", "nature", "motif")


@dataclass(frozen=True)
class Correction:
    """What comes after a decision. rate (percent) and mode: None for a cancellation. reason: told to the company."""

    nature: str
    effective_on: dt.date
    rate: Decimal | None
    mode: str | None
    reason: str


@transaction.atomic
def correct_decision(*, decision: RateDecision, correction: Correction, by: User, on: dt.datetime) -> RateDecision:
    """Take and publish the decision that replaces, follows or cancels this one. Return it.

    It goes through a campaign of one line: the same checks, notification, notices and paper list. Raises FileProblem:
    the decision was replaced meanwhile, nothing would change, or what is wrong with the line; nothing is written then.
    """
    # One correction of a place at a time: the second sees what the first did.
    Establishment.objects.select_for_update().get(pk=decision.establishment_id)
    if RateDecision.objects.replacing(decision).exists():
        raise FileProblem("Cette décision vient d'être remplacée : partez de la plus récente.")
    if correction.effective_on != decision.effective_on and (other := _of_day(decision, correction.effective_on)):
        raise FileProblem(f"La décision {other.number} prend déjà effet ce jour-là : rectifiez-la plutôt.")
    content = ContentFile(_line(decision, correction), name=f"correction-{decision.number}.csv")
    campaign = create_campaign(name=f"Après {decision.number}", content=content, by=by, on=on)
    upload = campaign.import_file.upload
    stored = str(upload.name)
    read_next_file(importer=RATES, on=on, only=campaign.import_file)
    campaign.import_file.refresh_from_db()
    if refusal := _refusal(campaign.import_file):
        # The row goes with the transaction; its bytes would stay.
        upload.storage.delete(stored)
        raise FileProblem(refusal)
    publish_campaign(campaign=campaign, by=by, on=on)
    apply_next_batch(importer=RATES, on=on, only=campaign.import_file)
    close_applied_files(importer=RATES, on=on, only=campaign.import_file)
    taken = RateDecision.objects.get(campaign=campaign)
    record(
        by=by,
        on=on,
        enterprise=decision.enterprise,
        verb="notification.correct",
        summary=f"{taken.kind} après {decision.number} : {correction.reason}",
    )
    return taken


def _of_day(decision: RateDecision, day: dt.date) -> RateDecision | None:
    """Return the standing decision of the same establishment and code that takes effect that day, if any."""
    same = RateDecision.objects.filter(
        establishment=decision.establishment_id, code_risque=decision.code_risque, effective_on=day
    )
    return same.order_by("-version").first()


def _refusal(import_file: ImportFile) -> str:
    """Return why the line cannot be published, nothing when it can."""
    if problem := import_file.problems.filter(warning=False).first():
        return problem.message
    if import_file.unchanged:
        return "La décision en vigueur dit déjà la même chose : rien ne changerait."
    return import_file.refusal


def _line(decision: RateDecision, correction: Correction) -> bytes:
    """Return the file of one line."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(_COLUMNS)
    cancels = correction.nature == RateDecision.Nature.CANCELLATION
    writer.writerow(
        [
            decision.establishment.siret,
            decision.code_risque,
            "" if correction.rate is None else str(correction.rate).replace(".", ","),
            "" if correction.mode is None else RateDecision.Mode(correction.mode).label,
            f"{correction.effective_on:%d/%m/%Y}",
            "annulation" if cancels else "taux",
            correction.reason,
        ]
    )
    return text.getvalue().encode()
