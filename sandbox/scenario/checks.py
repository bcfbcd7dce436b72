"""What the parts of a scenario say of each other: who is named and is not there, what cannot be."""

from collections.abc import Iterator

from sandbox.scenario.schema import Human, Scenario

_Path = tuple[str | int, ...]
_Wrong = tuple[_Path, str]


def contradictions(scenario: Scenario) -> list[_Wrong]:
    """Return (where, sentence in French) of each; nothing when the scenario holds together."""
    return [*_places(scenario), *_people(scenario), *_folders(scenario), *_rates(scenario)]


def _missing(scenario: Scenario, ref: str, path: _Path, *, alone: bool = False) -> Iterator[_Wrong]:
    """Look an establishment up. alone: one of many alike will not do."""
    key, _slash, place = ref.partition("/")
    company = scenario.companies.get(key)
    if company is None:
        yield path, f"l'entreprise « {key} » n'est pas dans le fichier."
    elif place and place not in company.places:
        yield path, f"« {key} » n'a pas d'établissement « {place} »."
    elif alone and company.repeat > 1:
        yield path, f"« {key} » est répétée : nommez une entreprise qui ne l'est pas."


def _unknown(scenario: Scenario, keys: list[str], path: _Path) -> Iterator[_Wrong]:
    for key in keys:
        if key not in scenario.people:
            yield path, f"la personne « {key} » n'est pas dans le fichier."


def _places(scenario: Scenario) -> Iterator[_Wrong]:
    for key, company in scenario.companies.items():
        path: _Path = ("entreprises", key)
        if company.repeat > 1 and "{n}" not in company.name:
            yield (*path, "nom"), "une entreprise répétée a « {n} » dans son nom."
        for place, one in company.places.items():
            if one.closed and any(at >= one.closed for at in one.declarations.values()):
                yield (*path, "etablissements", place, "declarations"), "cet établissement était déjà fermé."


def _people(scenario: Scenario) -> Iterator[_Wrong]:
    for key, person in scenario.people.items():
        path: _Path = ("personnes", key)
        yield from _missing(scenario, person.place, (*path, "chez"), alone=True)
        for number, ref in enumerate(person.rights):
            yield from _missing(scenario, ref, (*path, "habilitations", number), alone=True)
        yield from _candidate(person, path)


def _candidate(person: Human, path: _Path) -> Iterator[_Wrong]:
    asked = person.candidacy
    if (person.role == "candidat") != (asked is not None):
        yield (*path, "role"), "un candidat, et lui seul, a une « candidature »."
    elif asked and (asked.posted or asked.lost) and asked.route != "cle":
        yield (*path, "candidature"), "une lettre ne part que pour la voie « cle »."
    elif asked and asked.lost and not asked.posted:
        yield (*path, "candidature", "perdue"), "une lettre perdue a été postée : donnez « postee »."


def _folders(scenario: Scenario) -> Iterator[_Wrong]:
    for key, folder in scenario.folders.items():
        path: _Path = ("portefeuilles", key)
        yield from _missing(scenario, folder.firm, (*path, "cabinet"), alone=True)
        yield from _unknown(scenario, [folder.by], (*path, "par"))
        yield from _unknown(scenario, folder.members, (*path, "collaborateurs"))
        for number, clients in enumerate(folder.clients):
            inner: _Path = (*path, "clients", number)
            yield from _missing(scenario, clients.place, (*inner, "qui"))
            if not set(clients.users) <= set(folder.members):
                yield (*inner, "collaborateurs"), "ces personnes ne sont pas parmi les collaborateurs du portefeuille."
            elif clients.users and not clients.given:
                yield (*inner, "collaborateurs"), "aucun droit sans « compte_atmp »."


def _rates(scenario: Scenario) -> Iterator[_Wrong]:
    for number, deposit in enumerate(scenario.deposits):
        yield from _missing(scenario, deposit.place, ("dsn", number, "pour"))
        yield from _unknown(scenario, [deposit.by], ("dsn", number, "par"))
    for number, rate in enumerate(scenario.rates):
        path: _Path = ("taux", number)
        wrong = list(_missing(scenario, rate.place, (*path, "pour")))
        yield from wrong
        yield from _unknown(scenario, rate.readers, (*path, "lu_par"))
        if not wrong and not (rate.code or scenario.place_of(rate.place)[1].code):
            yield path, "le code risque manque, ici et à l'établissement."
        if rate.payroll and (len(rate.payroll) < 3 or rate.headcount is None):
            yield (*path, "masses"), "trois années et un « effectif » sont attendus."
