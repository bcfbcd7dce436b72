"""Campaigns: rates deposited, previewed, published (G0.1, G0.3)."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse

from accounts.admin.base import column
from accounts.admin.forms import UploadForm
from accounts.admin.import_pages import SHOWN_LINES, ImportPages, Table, Wording
from accounts.models import ImportFile, User
from notifications.actions.campaign import RATES, create_campaign
from notifications.admin.follow_up import dashboard, export, offered
from notifications.models import Campaign, RateDecision, StagedRate
from notifications.rules.parameters import CATEGORIES
from portal import clock
from portal.kit import french
from portal.kit.french import plural


class CampaignForm(UploadForm):
    """A campaign's name and its file."""

    name = forms.CharField(label="Nom de la campagne", max_length=100, help_text="Par exemple : Campagne 2027.")
    field_order = ("name", "file")


@admin.register(Campaign)
class CampaignAdmin(ImportPages):
    """Campaigns of rates."""

    importer = RATES
    upload_form = CampaignForm
    list_display = (
        "name",
        column("import_file__status", "état", lambda status: str(ImportFile.Status(status).label)),
        column("import_file__outcome", "issue", order=None),
        column("import_file__lines", "lignes", french.number),
        column("import_file__wrong", "en erreur", french.number),
        "notified",
        "on_paper",
        column("import_file__created_at", "déposée le", french.moment),
    )
    list_filter = ("import_file__status",)
    list_select_related = ("import_file",)
    words = "name__istartswith"
    search_help_text = "Début du nom de la campagne."
    wording = Wording(
        deposit="Nouvelle campagne",
        intro=(
            "Le fichier donne le taux de chaque établissement, ou les données dont il se calcule ; avec les deux, un "
            "taux que ses données contredisent est signalé. Il est lu en arrière-plan : vous verrez ce qu'il "
            "contient, qui serait notifié en ligne et qui par courrier, avant de publier."
        ),
        submit="Créer la campagne",
        confirm="Publier",
        confirm_title="Publier cette campagne ?",
        columns=(
            ("14 chiffres, d'un établissement du répertoire ouvert à la date d'effet", "siret", True),
            ("Comme 45.2BE, du tarif de l'année d'effet", "code_risque", True),
            ("JJ/MM/AAAA", "date_effet", True),
            (
                "Taux net en pour cent, quatre décimales au plus : 7,39. Vide, il est calculé avec les données de la "
                "ligne",
                "taux",
                False,
            ),
            ("collectif, mixte ou individuel. Vide, il est calculé de même", "mode", False),
            (
                "taux, ou annulation : la décision de ce jour ne compte plus, taux et mode restent vides",
                "nature",
                False,
            ),
            ("Pourquoi cette décision en remplace une autre ; l'entreprise le lit", "motif", False),
            (
                "Effectif de l'entreprise, de l'année N-2 à N-6 (N : l'année d'effet) ; le premier suffit",
                "effectif_n2 effectif_n3 effectif_n4 effectif_n5 effectif_n6",
                False,
            ),
            ("Masse salariale de l'établissement en euros", "masse_n2 masse_n3 masse_n4", False),
            ("Sinistres de ces trois années, par catégorie", " ".join(CATEGORIES), False),
            ("Ou leur valeur en euros, quand les coûts moyens ne sont pas connus", "valeur_risque", False),
            ("Taux net d'avant, pour limiter la variation", "taux_precedent", False),
            (
                "Taux net collectif ; par défaut celui du tarif de l'année, sauf en Alsace-Moselle",
                "taux_collectif",
                False,
            ),
            ("Année de création de l'établissement", "annee_creation", False),
            ("oui ou non ; par défaut, ce que dit le répertoire", "alsace_moselle", False),
        ),
        example={
            "siret": french.siret("73282932000074"),
            "code_risque": "45.2BE",
            "taux": "7,39",
            "date_effet": "01/01/2027",
            "mode": "collectif",
        },
        model_name="modele-taux.csv",
    )

    def file_of(self, obj: Campaign) -> ImportFile:
        """Return the campaign's file."""
        return obj.import_file

    def receive(self, values: dict[str, Any], by: User) -> Campaign:
        """Create a campaign from its file."""
        return create_campaign(name=values["name"], content=values["file"], by=by, on=clock.now())

    def facts(self, obj: Campaign) -> list[tuple[str, str]]:
        """Say how many are told online and how many by letter: foreseen, then done."""
        if obj.import_file.status == ImportFile.Status.CHECKED:
            online, paper = StagedRate.objects.filter(import_file=obj.import_file).channels()
            return [
                ("Seraient notifiés en ligne", french.number(online)),
                ("Seraient à notifier par courrier", french.number(paper)),
            ]
        return [
            ("Notifiés en ligne", french.number(obj.notified)),
            ("À notifier par courrier", french.number(obj.on_paper)),
        ]

    def get_urls(self) -> list[URLPattern]:
        """Add the dashboard and its exports."""
        guard, name = self.admin_site.admin_view, self.page_name
        return [
            path("<int:pk>/tableau-de-bord/", guard(self.dashboard_view), name=name("dashboard")),
            path("<int:pk>/tableau-de-bord/<str:what>.<str:form>", guard(self.export_view), name=name("export")),
            *super().get_urls(),
        ]

    def dashboard_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show where a campaign stands, with charts."""
        campaign: Campaign = self.load(request, pk)
        exports = [
            (f"{label} ({form.upper()})", self.export_url(campaign, what, form))
            for what, label, form in offered(campaign)
        ]
        crumbs = self.crumbs((campaign.name, self.url("change", campaign)), ("Tableau de bord", ""))
        return dashboard(request, campaign, crumbs, exports)

    def export_view(self, request: HttpRequest, pk: int, what: str, form: str) -> HttpResponseBase:
        """Send the notifications of a campaign with their state, its letters, or the penalties."""
        return export(self.load(request, pk), what, form, settings.NOTIFICATION_POLICY)

    def export_url(self, obj: Campaign, what: str, form: str) -> str:
        """Return the address of an export."""
        return reverse(f"admin:{self.page_name('export')}", args=[obj.pk, what, form])

    def links(self, obj: Campaign) -> list[tuple[str, str]]:
        """Lead to the decisions of a published campaign, and to those that need a letter."""
        if not (obj.notified or obj.on_paper):
            return []
        decisions = f"{reverse('admin:notifications_ratedecision_changelist')}?campaign__id__exact={obj.pk}"
        paper = ("À notifier par courrier", f"{decisions}&channel__exact={RateDecision.Channel.PAPER}")
        board = ("Tableau de bord", self.url("dashboard", obj))
        return [board, ("Toutes les décisions", decisions), *([paper] if obj.on_paper else [])]

    def preview(self, obj: Campaign) -> Table | None:
        """Show the first lines with the rate in force on their day and the new one."""
        lines = StagedRate.objects.filter(import_file=obj.import_file).with_current_rate().order_by("line")
        rows = [
            (
                str(line.line),
                french.siret(line.siret),
                line.code_risque,
                RateDecision.Mode(line.mode).label,
                "–" if line.current_rate is None else french.rate(line.current_rate),
                french.rate(line.rate),
                french.day(line.effective_on),
            )
            for line in lines[:SHOWN_LINES]
        ]
        heads = ("Ligne", "SIRET", "Code risque", "Mode", "Taux actuel", "Nouveau taux", "Date d'effet")
        return Table("Premières lignes à publier", heads, rows) if rows else None

    def consequences(self, obj: Campaign) -> list[str]:
        """Say who will be told, and how."""
        online, paper = StagedRate.objects.filter(import_file=obj.import_file).channels()
        return [
            f"{plural(online, 'notification')} en ligne : la pastille paraît aussitôt chez les personnes habilitées.",
            f"{plural(paper, 'établissement')} sans « Compte AT/MP » : liste « À notifier par courrier ».",
            f"{plural(obj.import_file.wrong, 'ligne')} en erreur, sans effet.",
            *self._contradicted(obj),
            "Une décision publiée ne se modifie plus : une autre, plus tard, la remplace.",
        ]

    def _contradicted(self, obj: Campaign) -> list[str]:
        """Say how many lines are published although their own inputs say otherwise, or could not be checked."""
        if not (warned := obj.import_file.warned):
            return []
        how = "publiée telle que le fichier la donne" if warned < 2 else "publiées telles que le fichier les donne"
        return [f"{plural(warned, 'ligne')} à vérifier : {how}."]
