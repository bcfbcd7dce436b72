"""Loads one copy of a scenario: register, declarations, people, candidates; through the actions that pages use.

In the transaction of `sandbox.actions.copies`: whatever is wrong, nothing of the copy is there.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import dataclass, field

from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile

from accounts.actions.imports import Importer, confirm_file, receive_file, work_once
from accounts.actions.people import create_user
from accounts.actions.register import REGISTER
from accounts.models import Establishment, ImportFile, ImportProblem, User
from habilitations.actions.cooptation import choose_route, request_cooptation
from habilitations.actions.keys import post_letters, print_letters
from habilitations.actions.rights import grant_habilitation, register_declaration
from habilitations.models import ATMP, ActivationKey, Cooptation, Declaration, EstablishmentDeclaration
from habilitations.rules import opens_at
from portal import clock
from sandbox.actions.post import send_copies
from sandbox.clock import standing_at
from sandbox.models import Copy, Letter
from sandbox.scenario.schema import Candidacy, Human, Place, Scenario
from sandbox.scenario.sirens import siret

_HEADER = (
    "siret", "etablissementSiege", "denominationUniteLegale", "categorieJuridiqueUniteLegale",
    "enseigne1Etablissement", "libelleVoieEtablissement", "codePostalEtablissement", "libelleCommuneEtablissement",
    "activitePrincipaleEtablissement", "etatAdministratifEtablissement", "dateDebut", "codeRisque",
)  # fmt: skip


class CannotLoad(ValueError):
    """What the portal refuses of a scenario that reads well; its text says what."""


@dataclass
class Loading:
    """A copy being loaded. sirens: by enterprise's key, one for each that it stands for. on: now, for the portal."""

    copy: Copy
    scenario: Scenario
    sirens: dict[str, list[str]]
    password: str
    on: dt.datetime
    people: dict[str, User] = field(default_factory=dict)

    def sirets(self, ref: str) -> list[str]:
        """Return the SIRETs that a reference names: one, or those of enterprises that are many alike."""
        key, _company = self.scenario.company_of(ref)
        number, _place = self.scenario.place_of(ref)
        return [siret(siren, number) for siren in self.sirens[key]]

    def places(self, ref: str) -> list[Establishment]:
        """Return the establishments that a reference names."""
        found = Establishment.objects.filter(siret__in=self.sirets(ref)).select_related("enterprise")
        return list(found.order_by("siret"))

    def work(self, import_file: ImportFile, importer: Importer, on: dt.datetime) -> None:
        """Do the work of a sweep on that file alone. Raises CannotLoad when a line of it is not taken."""
        while work_once(importer=importer, on=on, only=import_file):
            pass
        import_file.refresh_from_db()
        if import_file.refusal or import_file.wrong:
            wrong = ImportProblem.objects.filter(import_file=import_file, warning=False).first()
            raise CannotLoad(f"{import_file.name} : {wrong or import_file.refusal}")


def load_register(this: Loading) -> None:
    """Import the establishments: what there was under these SIRETs is again as the file has it."""
    out = io.StringIO()
    this_year = clock.day(this.on).year
    years = sorted({this_year + year for company in this.scenario.companies.values() for year in company.headcounts})
    lines = csv.writer(out, delimiter=";")
    lines.writerow([*_HEADER, *(f"effectif{year}" for year in years)])
    for key, company in this.scenario.companies.items():
        counts = [str(company.headcounts.get(year - this_year, "")) for year in years]
        for number, siren in enumerate(this.sirens[key], 1):
            name = company.name.replace("{n}", str(number))
            for nic, place in enumerate(company.places.values(), 1):
                lines.writerow([*_line(siret(siren, nic), nic == 1, name, company.legal_form, place), *counts])
    content = ContentFile(out.getvalue().encode(), f"{this.copy.scenario}-{this.copy.number}.csv")
    import_file = receive_file(kind=ImportFile.Kind.REGISTER, content=content, by=None, on=this.on)
    this.work(import_file, REGISTER, this.on)
    confirm_file(import_file=import_file, importer=REGISTER, by=None, on=this.on)
    this.work(import_file, REGISTER, this.on)


def _line(of_siret: str, head_office: bool, name: str, legal_form: str, place: Place) -> list[str]:  # noqa: FBT001
    closed = f"{clock.day(place.closed):%d/%m/%Y}" if place.closed else ""
    return [
        of_siret, "true" if head_office else "false", name, legal_form, place.sign, place.address, place.postcode,
        place.city, place.naf, "F" if closed else "A", closed, place.code or "",
    ]  # fmt: skip


def load_declarations(this: Loading) -> None:
    """Register establishments to declarations: by the page's action, many alike at once."""
    known = {one.code: one for one in Declaration.objects.all()}
    for key, company in this.scenario.companies.items():
        for name, place in company.places.items():
            for code, at in place.declarations.items():
                if code not in known:
                    raise CannotLoad(f"La déclaration « {code} » de « {key}/{name} » n'est pas au catalogue.")
                places = this.places(f"{key}/{name}")
                if company.repeat == 1:
                    register_declaration(establishment=places[0], declaration=known[code], by=None, on=at)
                else:
                    _register_all(places, known[code], at)


def _register_all(places: list[Establishment], declaration: Declaration, at: dt.datetime) -> None:
    opens = opens_at(at, declaration.access_delay_hours)
    EstablishmentDeclaration.objects.bulk_create(
        [
            EstablishmentDeclaration(establishment=place, declaration=declaration, registered_at=at, opens_at=opens)
            for place in places
        ],
        batch_size=1000,
    )


def load_people(this: Loading) -> None:
    """Create the people, their rights, then the candidates: in the order of their days, as it would have been."""
    # One hash for a copy: its people share the password of its card, and hashing is meant to be slow.
    hashed = make_password(this.password)
    for key, person in sorted(this.scenario.people.items(), key=lambda pair: pair[1].since):
        with standing_at(person.since):
            user = create_user(
                establishment=this.places(person.place)[0],
                last_name=person.last,
                first_name=person.first,
                email=f"{key}@copie-{this.copy.pk}.example",
                role=User.Role.DECLARANT if person.role == "déclarant" else User.Role.ADMINISTRATOR,
                password=None,
                by=None,
                on=person.since,
            )
        if not person.absent:
            User.objects.filter(pk=user.pk).update(password=hashed)
        this.people[key] = user
    for key, person in this.scenario.people.items():
        _grant(this, key, person)
    for key, person in this.scenario.people.items():
        if person.candidacy:
            _ask(this.people[key], person.candidacy)


def _grant(this: Loading, key: str, person: Human) -> None:
    declaration = Declaration.objects.get(code=ATMP) if person.rights else None
    for ref in person.rights:
        assert declaration is not None  # noqa: S101 - there is a right
        [place] = this.places(ref)
        at = max(person.since, *this.scenario.place_of(ref)[1].declarations.values(), person.since)
        grant_habilitation(user=this.people[key], establishment=place, declaration=declaration, by=None, on=at)


def _ask(user: User, asked: Candidacy) -> None:
    """Make a candidate, on his day; then his letter, on its own."""
    with standing_at(asked.at):
        cooptation = request_cooptation(user=user, on=asked.at)
        if asked.route:
            route = Cooptation.Route.KEY if asked.route == "cle" else Cooptation.Route.COOPTATION
            choose_route(cooptation=cooptation, route=route, on=asked.at)
    if asked.posted:
        keys = ActivationKey.objects.filter(cooptation=cooptation)
        with standing_at(asked.posted):
            print_letters(keys=keys, by=None, on=asked.posted, day=clock.day(asked.posted))
            post_letters(keys=keys, by=None, on=asked.posted)
        letters = Letter.objects.filter(key__cooptation=cooptation)
        # One that is lost is nowhere: the portal knows it as posted, and no letterbox has it.
        letters.delete() if asked.lost else send_copies(letters)
