"""What a trainer sends into a copy: a rate, a candidate; and who is a trainer."""

import datetime as dt
from decimal import Decimal

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts import rules
from accounts.actions.journal import record
from accounts.actions.people import create_user
from accounts.models import Enterprise, User
from habilitations.actions.cooptation import choose_route, request_cooptation
from habilitations.models import Cooptation
from notifications.actions.correction import Correction, correct_decision
from notifications.models import RateDecision
from portal import clock
from portal.kit.csvfile import FileProblem
from sandbox.actions.clock import locked_clock
from sandbox.models import Copy, CopyPerson

GROUP = "Formateurs"
# Made-up names, one after the other.
_CANDIDATES = ("Prigent Soizic", "Corbel Titouan", "Madec Rozenn", "Lagadec Gireg", "Salaün Enora", "Jaouen Malo")
_MORE = Decimal("0.10")


@transaction.atomic
def trainers() -> Group:
    """Return the group of the trainers, made when there is none: the right to load copies, reset them, follow them."""
    group, _made = Group.objects.get_or_create(name=GROUP)
    group.permissions.set(Permission.objects.filter(content_type__app_label="sandbox", codename="change_copy"))
    return group


@transaction.atomic
def create_trainer(*, name: str, email: str, password: str, by: User | None, on: dt.datetime) -> User:
    """Create a member of staff who has the trainers' right and no other. Raises ValidationError for a name taken."""
    key = rules.normalise_name(name)
    if User.objects.filter(login_key=key).exists():
        raise ValidationError(f"« {key} » existe déjà.")
    user = User(login_key=key, email=email, is_staff=True, created_at=on)
    user.set_password(password)
    user.save()
    user.groups.add(trainers())
    # Whoever creates one answers for his address, as for the staff's.
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    record(by=by, on=on, verb="user.trainer", summary=f"Formateur créé : {key}.")
    return user


@transaction.atomic
def send_candidate(*, copy: Copy, by: User, on: dt.datetime) -> Cooptation:
    """Let somebody ask to become administrator in a copy. He has its password, and its card names him.

    Raises ValidationError where nobody could decide, or no more may wait.
    """
    copy = _ready(copy)
    enterprise = _with_administrators(copy)
    first = User.objects.administrators_of(enterprise)[0]
    assert first.establishment is not None  # noqa: S101 - an administrator has one
    number = CopyPerson.objects.filter(copy=copy, key__startswith="candidat-").count() + 1
    last_name, first_name = _CANDIDATES[(number - 1) % len(_CANDIDATES)].split()
    key, extra = f"candidat-{number}", "" if number <= len(_CANDIDATES) else str(number)
    user = create_user(
        establishment=first.establishment, last_name=last_name, first_name=first_name, homonym=extra,
        email=f"{key}@copie-{copy.pk}.example", role=User.Role.ADMINISTRATOR, password=None, by=None, on=on,
    )  # fmt: skip
    User.objects.filter(pk=user.pk).update(password=make_password(str(copy.card["password"])))
    cooptation = request_cooptation(user=user, on=on)
    choose_route(cooptation=cooptation, route=Cooptation.Route.COOPTATION, on=on)
    CopyPerson.objects.create(copy=copy, key=key, user=user)
    told = {
        "key": key, "role": "candidat", "siret": first.establishment.siret, "nom": last_name, "prenom": first_name,
        "shows": "Envoyé par le formateur : sa demande attend un accord ou un refus.",
    }  # fmt: skip
    copy.card = copy.card | {"people": [*copy.card["people"], told]}
    copy.save(update_fields=["card"])
    record(by=by, on=on, verb="copy.candidate", summary=f"{copy} : un candidat envoyé.", enterprise=enterprise)
    return cooptation


@transaction.atomic
def publish_rate(*, copy: Copy, by: User, on: dt.datetime) -> RateDecision:
    """Publish a change of the latest rate that a copy was notified of online: a tenth of a point more, next quarter.

    Raises ValidationError where there is none to change.
    """
    copy = _ready(copy)
    mine = RateDecision.objects.filter(enterprise__in=copy.enterprises.values("enterprise"))
    online = mine.filter(channel=RateDecision.Channel.ELECTRONIC, nature=RateDecision.Nature.RATE)
    latest = online.select_related("establishment", "enterprise").order_by("-effective_on", "-id").first()
    if latest is None:
        raise ValidationError(f"{copy} : aucun taux n'y a été notifié en ligne.")
    change = Correction(
        nature=RateDecision.Nature.RATE,
        effective_on=_next_quarter(max(latest.effective_on, clock.day(on))),
        rate=latest.rate + _MORE,
        mode=latest.mode,
        reason="Taux envoyé par le formateur.",
    )
    try:
        decision = correct_decision(decision=latest, correction=change, by=by, on=on)
    except FileProblem as problem:
        raise ValidationError(str(problem)) from problem
    record(by=by, on=on, verb="copy.rate", summary=f"{copy} : un taux publié.", enterprise=latest.enterprise)
    return decision


def _ready(copy: Copy) -> Copy:
    """Lock out the sweep that loads and resets, and look again."""
    locked_clock()
    copy = Copy.objects.select_for_update().get(pk=copy.pk)
    if copy.state != Copy.State.READY:
        raise ValidationError(f"{copy} n'est pas prête.")
    return copy


def _with_administrators(copy: Copy) -> Enterprise:
    """Return the company of the copy that has candidates already, or else the first one that somebody administrates."""
    reachable = User.objects.filter(role=User.Role.ADMINISTRATOR, state=User.State.ACTIVE, emailaddress__verified=True)
    mine = Enterprise.objects.filter(pk__in=copy.enterprises.values("enterprise"))
    found = mine.filter(establishments__users__in=reachable).order_by("siren").first()
    if found is None:
        raise ValidationError(f"{copy} : aucun administrateur n'y pourrait décider.")
    return found


def _next_quarter(day: dt.date) -> dt.date:
    """Return the first day of the quarter after that day: when a change takes effect (domain.md, section 3)."""
    month = (day.month - 1) // 3 * 3 + 4
    return dt.date(day.year + (month > 12), (month - 1) % 12 + 1, 1)
