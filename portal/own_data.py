"""« Mes données »: everything the portal keeps about a person, as one file for himself."""

import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.access import person
from accounts.actions.people import tell_data_taken
from accounts.models import JournalEntry, User
from habilitations.models import Cooptation, Habilitation, Registration
from notifications.models import Consultation, Notice, Receipt
from portal import clock
from portfolios.models import BulkRequest, ClientHabilitation, DsnDeposit, Portfolio


@dataclass(frozen=True)
class Table:
    """Rows about a person: which ones, by the field that names him, and what of them is his, in French."""

    title: str
    model: type[Model]
    owner: str
    columns: dict[str, str]

    def rows(self, user: User) -> list[dict[str, Any]]:
        """Return his rows, the oldest first."""
        values = self.model._default_manager.filter(**{self.owner: user.pk}).order_by("pk")
        return [dict(zip(self.columns, row, strict=True)) for row in values.values_list(*self.columns.values())]


# Every table that names a person is here, or in EXCUSED: tests/portal/views/test_own_data.py.
TABLES = (
    Table("identité", User, "pk", {
        "SIRET": "establishment__siret", "entreprise": "establishment__enterprise__name", "nom": "last_name",
        "prénom": "first_name", "distinction d'homonyme": "homonym", "adresse électronique": "email",
        "téléphone": "phone", "rôle": "role", "état": "state", "inscription": "created_at",
        "dernière connexion": "last_login", "question secrète": "question",
        "conditions acceptées": "terms_version", "acceptées le": "terms_accepted_at",
    }),
    Table("adresses électroniques", EmailAddress, "user", {"adresse": "email", "validée": "verified"}),
    Table("seconds facteurs", Authenticator, "user", {
        "sorte": "type", "nom": "data__name", "ajouté": "created_at", "dernier usage": "last_used_at",
    }),
    Table("sessions", UserSession, "user", {
        "adresse IP": "ip", "navigateur": "user_agent", "ouverte": "created_at", "vue": "last_seen_at",
    }),
    Table("journal", JournalEntry, "actor", {"quand": "at", "action": "verb", "résumé": "summary", "depuis": "source"}),
    Table("inscription", Registration, "user", {"numéro": "number", "validée": "submitted_at", "profil": "profile"}),
    Table("candidature d'administrateur", Cooptation, "user", {
        "voie": "route", "état": "status", "demandée": "requested_at", "échéance": "deadline", "décidée": "decided_at",
        "motif": "reason",
    }),
    Table("habilitations", Habilitation, "user", {
        "SIRET": "establishment__siret", "déclaration": "declaration__label", "accordée": "granted_at",
    }),
    Table("portefeuilles", Portfolio, "members", {"nom": "name"}),
    Table("habilitations sur des clients", ClientHabilitation, "user", {
        "SIRET du client": "given__client__establishment__siret", "déclaration": "given__held__declaration__label",
    }),
    Table("DSN déposées", DsnDeposit, "deposited_by", {
        "quand": "deposited_at", "fichier": "name", "résultat": "outcome",
    }),
    Table("fichiers d'habilitations déposés", BulkRequest, "created_by", {"quand": "created_at", "fichier": "name"}),
    Table("notifications", Receipt, "user", {
        "SIRET": "notification__establishment__siret", "lue": "read_at", "archivée": "archived_at",
        "supprimée": "deleted_at",
    }),
    Table("consultations", Consultation, "user", {
        "quand": "at", "comment": "way", "SIRET": "notification__establishment__siret", "nom": "name",
    }),
    Table("avis reçus", Notice, "user", {"nature": "kind", "échéance": "day", "écrit": "told_at"}),
)  # fmt: skip
README = """Ce dossier contient ce que l'Atelier AT/MP conserve à votre sujet, dans mes-donnees.json.

N'y sont pas : votre mot de passe, la réponse à votre question secrète et les clés de vos seconds facteurs, dont le
portail ne garde que des empreintes ou un chiffré ; les courriels, car plusieurs comptes peuvent partager une boîte.
Les heures sont en temps universel.
"""


@require_http_methods(["GET", "POST"])
def own_data(request: HttpRequest) -> HttpResponse:
    """Say what is kept about oneself, and give it as a ZIP."""
    user = person(request)
    if user.state != User.State.ACTIVE:
        raise Http404
    if request.method == "POST":
        now = clock.now()
        tell_data_taken(user=user, on=now)
        headers = {"Content-Disposition": f'attachment; filename="mes-donnees-{now:%Y-%m-%d}.zip"'}
        return HttpResponse(archive(user), content_type="application/zip", headers=headers)
    home = ("Gestion", reverse("admin:index")) if user.is_staff else ("Menu personnalisé", reverse("portal:dashboard"))
    crumbs = [home, ("Sécurité de mon compte", reverse("accounts:security_detail")), ("Mes données", "")]
    context = {"crumbs": crumbs, "titles": [table.title for table in TABLES], "mail_days": settings.MAIL_KEPT_DAYS}
    return render(request, "portal/own_data.html", context)


def archive(user: User) -> bytes:
    """Return the ZIP of one person's data."""
    tables = {table.title: table.rows(user) for table in TABLES}
    text = json.dumps(tables, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as folder:
        for name, content in (("mes-donnees.json", text), ("LISEZ-MOI.txt", README)):
            folder.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
