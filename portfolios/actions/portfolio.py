"""Portfolios, their clients, what each may use, and who works on it (G2). Administrators only: `access` says."""

import datetime as dt
from collections.abc import Iterable
from functools import partial

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.actions.journal import record
from accounts.models import Enterprise, Establishment, User
from habilitations.models import Declaration
from habilitations.rules import opens_at
from portal import clock
from portal.kit import french
from portfolios.models import (
    BulkRequest,
    Client,
    ClientDeclaration,
    ClientHabilitation,
    Portfolio,
    PortfolioDeclaration,
)

_TWICE = "Un portefeuille porte déjà ce nom."


@transaction.atomic
def create_portfolio(
    *, enterprise: Enterprise, name: str, comment: str, members: Iterable[User], by: User | None, on: dt.datetime
) -> Portfolio:
    """« Ajouter un portefeuille »: name, comment, collaborators. Raises ValidationError when the name is taken."""
    try:
        with transaction.atomic():
            portfolio = Portfolio.objects.create(enterprise=enterprise, name=name, comment=comment, created_at=on)
    except IntegrityError:
        raise ValidationError({"name": _TWICE}) from None
    portfolio.members.set(_colleagues(enterprise, members))
    _tell("create", f"Portefeuille « {name} » créé.", portfolio, by, on)
    return portfolio


@transaction.atomic
def change_portfolio(
    *, portfolio: Portfolio, name: str, comment: str, members: Iterable[User], by: User | None, on: dt.datetime
) -> None:
    """Rename, comment, choose the collaborators. One taken out loses his rights on its clients.

    Raises ValidationError when the name is taken.
    """
    before = portfolio.name
    try:
        with transaction.atomic():
            Portfolio.objects.filter(pk=portfolio.pk).update(name=name, comment=comment)
    except IntegrityError:
        raise ValidationError({"name": _TWICE}) from None
    chosen = _colleagues(portfolio.enterprise, members)
    ClientHabilitation.objects.filter(given__client__portfolio=portfolio).exclude(user__in=chosen).delete()
    portfolio.members.set(chosen)
    told = f"« {before} » renommé « {name} »" if before != name else f"« {name} » modifié"
    _tell("change", f"Portefeuille {told}.", portfolio, by, on)


@transaction.atomic
def delete_portfolio(*, portfolio: Portfolio, by: User | None, on: dt.datetime) -> None:
    """Delete a portfolio with its clients and all rights on them; twice changes nothing."""
    uploads = [one.upload for one in BulkRequest.objects.filter(portfolio=portfolio).exclude(upload="")]
    deleted, _by_model = Portfolio.objects.filter(pk=portfolio.pk).delete()
    for upload in uploads:
        transaction.on_commit(partial(upload.delete, save=False))
    if deleted:
        _tell("delete", f"Portefeuille « {portfolio.name} » supprimé.", portfolio, by, on)


@transaction.atomic
def set_portfolio_declarations(
    *, portfolio: Portfolio, declarations: Iterable[Declaration], by: User | None, on: dt.datetime
) -> None:
    """Make these the declarations of the portfolio (G2.4): one taken out leaves its clients too (G2.3).

    Raises ValidationError, and changes nothing, for a new one that is not in use on that day.
    """
    wanted = {declaration.pk: declaration for declaration in declarations}
    held = {row.declaration_id: row for row in portfolio.declarations.select_related("declaration")}
    removed = [row for pk, row in held.items() if pk not in wanted]
    added = [declaration for pk, declaration in wanted.items() if pk not in held]
    _refuse_unused(added, on)
    PortfolioDeclaration.objects.filter(pk__in=[row.pk for row in removed]).delete()
    PortfolioDeclaration.objects.bulk_create(
        PortfolioDeclaration(portfolio=portfolio, declaration=declaration, added_at=on) for declaration in added
    )
    _tell_difference(
        portfolio, f"Portefeuille « {portfolio.name} »", added, [row.declaration for row in removed], by, on
    )


@transaction.atomic
def add_clients(
    *, portfolio: Portfolio, establishments: Iterable[Establishment], by: User | None, on: dt.datetime
) -> int:
    """Add establishments as clients; those already there stay as they are. Return how many are new.

    Raises ValidationError, and adds none, when one of them is closed (trust.md: it receives no new right).
    """
    places = list(establishments)
    for place in places:
        if place.closed_on and place.closed_on <= clock.day(on):
            siret = french.siret(place.siret)
            raise ValidationError(f"L'établissement {siret} est fermé depuis le {french.day(place.closed_on)}.")
    known = set(portfolio.clients.filter(establishment__in=places).values_list("establishment", flat=True))
    new = [Client(portfolio=portfolio, establishment=place, added_at=on) for place in places if place.pk not in known]
    # Two people adding the same client at once: the second adds nothing.
    Client.objects.bulk_create(new, ignore_conflicts=True, batch_size=1000)
    if new:
        told = french.plural(len(new), "client ajouté", "clients ajoutés")
        _tell("client.add", f"{told} au portefeuille « {portfolio.name} ».", portfolio, by, on)
    return len(new)


@transaction.atomic
def remove_client(*, client: Client, by: User | None, on: dt.datetime) -> None:
    """Take a client out of a portfolio, with all rights on it; twice changes nothing."""
    deleted, _by_model = Client.objects.filter(pk=client.pk).delete()
    if deleted:
        siret = french.siret(client.establishment.siret)
        told = f"Client {siret} retiré du portefeuille « {client.portfolio.name} »."
        _tell("client.remove", told, client.portfolio, by, on)


@transaction.atomic
def set_client_declarations(
    *, client: Client, declarations: Iterable[Declaration], by: User | None, on: dt.datetime
) -> None:
    """Make these the declarations of a client (G2.7); each opens after its access delay (G2.8).

    Raises ValidationError, and changes nothing, for one that its portfolio does not hold (G2.3), for a new one that
    is not in use on that day, and for a closed establishment that would get a new one.
    """
    wanted = {declaration.pk: declaration for declaration in declarations}
    held = {row.declaration_id: row for row in client.portfolio.declarations.all()}
    for pk, declaration in wanted.items():
        if pk not in held:
            raise ValidationError(
                f"« {declaration} » n'est pas dans le portefeuille « {client.portfolio.name} » : un administrateur l'y "
                "ajoute d'abord, par « Gérer les déclarations du portefeuille »."
            )
    given = {row.held.declaration_id: row for row in client.declarations.select_related("held__declaration")}
    removed = [row for pk, row in given.items() if pk not in wanted]
    added = [declaration for pk, declaration in wanted.items() if pk not in given]
    _refuse_unused(added, on)
    closed_on = client.establishment.closed_on
    if added and closed_on and closed_on <= clock.day(on):
        raise ValidationError(f"Cet établissement est fermé depuis le {french.day(closed_on)}.")
    ClientDeclaration.objects.filter(pk__in=[row.pk for row in removed]).delete()
    ClientDeclaration.objects.bulk_create(
        ClientDeclaration(
            client=client,
            held=held[declaration.pk],
            added_at=on,
            opens_at=opens_at(on, declaration.access_delay_hours),
        )
        for declaration in added
    )
    about = f"Client {french.siret(client.establishment.siret)} du portefeuille « {client.portfolio.name} »"
    _tell_difference(client.portfolio, about, added, [row.held.declaration for row in removed], by, on)


@transaction.atomic
def set_client_habilitations(
    *, client: Client, shown: Iterable[tuple[User, ClientDeclaration]], granted: set[tuple[int, int]],
    by: User | None, on: dt.datetime,
) -> tuple[int, int]:  # fmt: skip
    """Give and take rights on a client (G2.9); return how many were added and removed.

    shown: the (person, declaration) pairs that the page showed; granted: the (user, declaration) keys ticked among
    them. A pair that was not shown is left alone. Raises ValidationError when somebody is no member of the portfolio.
    """
    pairs = {(user.pk, row.pk): (user, row) for user, row in shown}
    members = set(client.portfolio.members.values_list("pk", flat=True))
    if not {user for user, _row in granted} <= members:
        raise ValidationError("Cette personne n'est pas parmi les « Déclarants sélectionnés » du portefeuille.")
    rights = ClientHabilitation.objects.filter(given__client=client)
    before = set(rights.values_list("user", "given"))
    added = [key for key in pairs if key in granted and key not in before]
    removed = [key for key in pairs if key not in granted and key in before]
    for user, row in removed:
        rights.filter(user=user, given=row).delete()
    ClientHabilitation.objects.bulk_create(
        [ClientHabilitation(user_id=user, given_id=row, granted_at=on) for user, row in added], ignore_conflicts=True
    )
    if added or removed:
        siret = french.siret(client.establishment.siret)
        told = f"Habilitations sur le client {siret} : +{len(added)} / −{len(removed)}."
        _tell("client.habilitation", told, client.portfolio, by, on)
    return len(added), len(removed)


@transaction.atomic
def follow_clients(
    *, portfolio: Portfolio, shown: Iterable[int], followed: Iterable[int], by: User | None, on: dt.datetime
) -> tuple[int, int]:
    """Follow the rate notifications of some clients, and no longer those of others (G0.6); return how many of each.

    shown: ids of the clients that the page showed; one that was not shown is left alone. Following a notification
    never touches the client's own clock (domain.md, section 3).
    """
    clients = portfolio.clients.filter(pk__in=list(shown))
    wanted = list(followed)
    added = clients.filter(pk__in=wanted, followed_since=None).update(followed_since=on)
    removed = clients.exclude(pk__in=wanted).exclude(followed_since=None).update(followed_since=None)
    _tell_followed(portfolio, added, removed, by, on)
    return added, removed


@transaction.atomic
def follow_portfolio(*, portfolio: Portfolio, follow: bool, by: User | None, on: dt.datetime) -> int:
    """Follow the rate notifications of every client of a portfolio, or of none (G0.6); return how many changed."""
    clients = portfolio.clients.filter(followed_since__isnull=follow)
    changed = clients.update(followed_since=on if follow else None)
    _tell_followed(portfolio, changed if follow else 0, 0 if follow else changed, by, on)
    return changed


def _tell_followed(portfolio: Portfolio, added: int, removed: int, by: User | None, on: dt.datetime) -> None:
    if added or removed:
        told = f"Suivi des notifications du portefeuille « {portfolio.name} » : +{added} / −{removed}."
        _tell("client.follow", told, portfolio, by, on)


def _colleagues(enterprise: Enterprise, members: Iterable[User]) -> list[User]:
    """Keep the active people of the firm. Raises ValidationError for anybody else."""
    chosen = list(members)
    for user in chosen:
        own = user.establishment
        if own is None or own.enterprise_id != enterprise.pk or user.state != User.State.ACTIVE:
            raise ValidationError({"members": f"{user.full_name} n'est pas une personne active de l'entreprise."})
    return chosen


def _refuse_unused(added: list[Declaration], on: dt.datetime) -> None:
    in_use = set(Declaration.objects.in_use(clock.day(on)))
    if unused := [declaration for declaration in added if declaration not in in_use]:
        raise ValidationError(f"« {unused[0]} » n'est pas en service.")


def _tell_difference(
    portfolio: Portfolio, about: str, added: list[Declaration], removed: list[Declaration],
    by: User | None, on: dt.datetime,
) -> None:  # fmt: skip
    words = [f"« {declaration} » ajoutée" for declaration in added]
    words += [f"« {declaration} » retirée" for declaration in removed]
    if words:
        _tell("declaration", f"{about} : {', '.join(words)}.", portfolio, by, on)


def _tell(verb: str, summary: str, portfolio: Portfolio, by: User | None, on: dt.datetime) -> None:
    record(by=by, on=on, verb=f"portfolio.{verb}", summary=summary, enterprise=portfolio.enterprise_id)
