"""Letters by mail about candidates for administrator (G4), one function each."""

import datetime as dt

from accounts.emails import portal_link, send_letter
from accounts.models import User
from habilitations import rules
from habilitations.models import Cooptation


def tell_candidate_to_choose(cooptation: Cooptation) -> None:
    """Tell a candidate that his enterprise has an administrator, and which two ways there are (G4.1)."""
    _candidate(cooptation, "Choisissez comment être activé", "habilitations/emails/candidate_choose.txt")


def tell_administrator(cooptation: Cooptation, administrator: User) -> None:
    """Tell an administrator that somebody asks (G4.2). The link leads to a page that asks who he is."""
    send_letter(
        to=administrator.email,
        subject="Un administrateur attend votre décision",
        template="habilitations/emails/administrator_asked.txt",
        person=administrator,
        cooptation=cooptation,
        link=portal_link("habilitations:cooptation_list"),
    )


def remind_candidate(cooptation: Cooptation, on: dt.datetime) -> None:
    """Remind a candidate on the tenth day."""
    _candidate(
        cooptation,
        "Votre demande attend toujours",
        "habilitations/emails/candidate_reminded.txt",
        days=rules.days_left(cooptation.deadline, on),
    )


def remind_administrator(administrator: User, cooptations: list[Cooptation]) -> None:
    """Remind an administrator of all candidates of ten days at once."""
    send_letter(
        to=administrator.email,
        subject="Des candidats attendent votre décision",
        template="habilitations/emails/administrator_reminded.txt",
        person=administrator,
        cooptations=cooptations,
        link=portal_link("habilitations:cooptation_list"),
    )


def tell_granted(cooptation: Cooptation, refusal: str) -> None:
    """Tell a candidate that he is an administrator now (G4.6). refusal: why his declarations are not, else « »."""
    _candidate(
        cooptation,
        "Vous êtes administrateur",
        "habilitations/emails/candidate_granted.txt",
        link=portal_link("account_login"),
        refusal=refusal,
    )


def tell_refused(cooptation: Cooptation) -> None:
    """Tell a candidate that he was refused, and why if the administrator said so (G4.6)."""
    _candidate(cooptation, "Votre demande est refusée", "habilitations/emails/candidate_refused.txt")


def tell_expired(cooptation: Cooptation) -> None:
    """Tell a candidate that nobody decided in time (G4.7)."""
    _candidate(
        cooptation,
        "Votre demande a expiré",
        "habilitations/emails/candidate_expired.txt",
        link=portal_link("portal:home"),
    )


def tell_letter_posted(cooptation: Cooptation) -> None:
    """Tell a candidate that his key is on its way."""
    _candidate(cooptation, "Votre clé d'activation est postée", "habilitations/emails/letter_posted.txt")


def tell_letter_returned(cooptation: Cooptation) -> None:
    """Tell a candidate that his letter came back."""
    _candidate(cooptation, "Votre lettre est revenue", "habilitations/emails/letter_returned.txt")


def _candidate(cooptation: Cooptation, subject: str, template: str, **context: object) -> None:
    candidate = cooptation.user
    # A letter may come back after its candidate has gone.
    if candidate is None:
        return
    send_letter(
        to=candidate.email,
        subject=subject,
        template=template,
        person=candidate,
        **{"cooptation": cooptation, "link": portal_link("habilitations:cooptation_status")} | context,
    )
