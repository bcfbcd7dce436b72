"""What the lines of a bulk file do: clients of a portfolio, their declarations, rights of collaborators on them.

Each function writes what became of a line in the line itself, and returns what was done, for the journal.
"""

from __future__ import annotations

import datetime as dt

from accounts.models import Establishment, User
from accounts.rules import normalise_name
from habilitations.models import Declaration
from habilitations.rules import opens_at
from portal import clock
from portal.kit import french
from portfolios.models import BulkLine, Client, ClientDeclaration, ClientHabilitation, Portfolio

CLIENT = "client"
_Result = BulkLine.Result


def apply_clients(portfolio: Portfolio, lines: list[BulkLine], on: dt.datetime) -> str:
    """Add (1) and take out (0) clients; return what was done, for the journal."""
    places = {place.siret: place for place in Establishment.objects.filter(siret__in=[one.siret for one in lines])}
    known = set(portfolio.clients.filter(establishment__in=places.values()).values_list("establishment", flat=True))
    added: list[Establishment] = []
    removed: list[Establishment] = []
    for line in lines:
        place, wanted = places.get(line.siret), line.cells[CLIENT]
        if place is None:
            _refuse(line, f"{french.siret(line.siret)} n'est pas au répertoire du simulateur.")
        elif wanted == (place.pk in known):
            line.result = _Result.UNCHANGED
            line.message = "Déjà client de ce portefeuille." if wanted else "N'était pas client de ce portefeuille."
        elif wanted and (closed := _closed(place, on)):
            _refuse(line, closed)
        else:
            (added if wanted else removed).append(place)
            line.result = _Result.OK
    Client.objects.bulk_create(Client(portfolio=portfolio, establishment=place, added_at=on) for place in added)
    portfolio.clients.filter(establishment__in=removed).delete()
    return f"clients +{len(added)} / −{len(removed)}"


def apply_rights(portfolio: Portfolio, lines: list[BulkLine], on: dt.datetime) -> str:
    """Give (1) and take (0) declarations of clients, then rights of collaborators on them (G2.7, G2.9)."""
    sirets = {line.siret for line in lines}
    clients = {
        client.siret: client for client in portfolio.clients.filter(siret__in=sirets).select_related("establishment")
    }
    told = []
    for apply, some in (
        (_give_declarations, [line for line in lines if not line.person]),
        (_give_rights, [line for line in lines if line.person]),
    ):
        theirs = []
        for line in some:
            if line.siret in clients:
                theirs.append((line, clients[line.siret]))
            else:
                _refuse(
                    line,
                    f"{french.siret(line.siret)} n'est pas client du portefeuille « {portfolio.name} » : ajoutez-le "
                    "d'abord, par un fichier d'établissements ou dans « Composer le portefeuille ».",
                )
        if theirs:
            told.append(apply(portfolio, theirs, on))
    return ", ".join(told) or "aucun changement"


def _give_declarations(portfolio: Portfolio, lines: list[tuple[BulkLine, Client]], on: dt.datetime) -> str:
    held = {row.declaration.code: row for row in portfolio.declarations.select_related("declaration")}
    in_use = set(Declaration.objects.in_use(clock.day(on)).values_list("code", flat=True))
    given = _given([client for _line, client in lines])
    added, removed = [], []
    for line, client in lines:
        mine = given.get(client.pk, {})
        new = [code for code, wanted in line.cells.items() if wanted and code not in mine]
        gone = [mine[code] for code, wanted in line.cells.items() if not wanted and code in mine]
        missing = [code for code in new if code not in held]
        unused = [code for code in new if code not in in_use]
        closed = _closed(client.establishment, on) if new else ""
        if missing or unused or closed:
            absent = missing and f"« {missing[0]} » n'est pas dans le portefeuille (règle G2.3) : ajoutez-l'y d'abord."
            _refuse(line, closed or absent or f"« {unused[0]} » n'est pas en service.")
            continue
        line.result = _Result.OK if new or gone else _Result.UNCHANGED
        removed += gone
        added += [
            ClientDeclaration(
                client=client,
                held=held[code],
                added_at=on,
                opens_at=opens_at(on, held[code].declaration.access_delay_hours),
            )
            for code in new
        ]
    ClientDeclaration.objects.bulk_create(added)
    ClientDeclaration.objects.filter(pk__in=[row.pk for row in removed]).delete()
    return f"déclarations +{len(added)} / −{len(removed)}"


def _give_rights(portfolio: Portfolio, lines: list[tuple[BulkLine, Client]], on: dt.datetime) -> str:
    members: dict[str, list[User]] = {}
    for user in portfolio.members.filter(state=User.State.ACTIVE).select_related("establishment"):
        members.setdefault(normalise_name(f"{user.last_name} {user.first_name}"), []).append(user)
    clients = [client for _line, client in lines]
    given = _given(clients)
    rights = set(ClientHabilitation.objects.filter(given__client__in=clients).values_list("user", "given"))
    added, removed = [], []
    for line, client in lines:
        mine = given.get(client.pk, {})
        found = members.get(normalise_name(line.person), [])
        missing = [code for code, wanted in line.cells.items() if wanted and code not in mine]
        if problem := _person_problem(line.person, found):
            _refuse(line, problem)
            continue
        if missing:
            _refuse(line, f"Ce client n'a pas « {missing[0]} » dans ce portefeuille : donnez-la-lui d'abord.")
            continue
        [user] = found
        new = [mine[code] for code, wanted in line.cells.items() if wanted and (user.pk, mine[code].pk) not in rights]
        gone = [
            mine[code]
            for code, wanted in line.cells.items()
            if not wanted and code in mine and (user.pk, mine[code].pk) in rights
        ]
        line.result = _Result.OK if new or gone else _Result.UNCHANGED
        added += [ClientHabilitation(user=user, given=row, granted_at=on) for row in new]
        removed += [(user, row) for row in gone]
    ClientHabilitation.objects.bulk_create(added)
    for user, row in removed:
        ClientHabilitation.objects.filter(user=user, given=row).delete()
    return f"habilitations +{len(added)} / −{len(removed)}"


def _person_problem(name: str, found: list[User]) -> str:
    if not found:
        return f"« {name} » n'est pas parmi les « Déclarants sélectionnés » du portefeuille."
    if len(found) > 1:
        return f"{len(found)} collaborateurs s'appellent « {name} » : changez leurs droits sur la page du client."
    own = found[0].establishment
    if found[0].is_administrator and own and own.is_head_office:
        return f"« {name} » est administrateur au siège : il a déjà les déclarations de tous les clients."
    return ""


def _given(clients: list[Client]) -> dict[int, dict[str, ClientDeclaration]]:
    """Return what each client has, by code: one query."""
    given: dict[int, dict[str, ClientDeclaration]] = {}
    for row in ClientDeclaration.objects.filter(client__in=clients).select_related("held__declaration"):
        given.setdefault(row.client_id, {})[row.held.declaration.code] = row
    return given


def _closed(place: Establishment, on: dt.datetime) -> str:
    """Say that an establishment is closed: it receives no new right (trust.md)."""
    if place.closed_on and place.closed_on <= clock.day(on):
        return f"Cet établissement est fermé depuis le {french.day(place.closed_on)}."
    return ""


def _refuse(line: BulkLine, reason: str) -> None:
    line.result, line.message = _Result.KO, reason[:300]
