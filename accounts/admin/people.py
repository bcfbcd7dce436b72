"""People: registered, corrected, suspended and taken back by staff."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse

from accounts.access import factors
from accounts.actions.factors import name_of, reset_factors
from accounts.actions.people import (
    correct_address,
    correct_phone,
    create_user,
    reactivate_user,
    replace_password,
    suspend_user,
)
from accounts.admin.base import StaffAdmin, column, posted, staff
from accounts.admin.forms import NewPasswordForm, NewPersonForm
from accounts.models import User
from portal import clock
from portal.kit import french
from portal.kit.french import plural

NAME = column("full_name", "nom", order="last_name")
SIRET = column("establishment__siret", "SIRET", french.siret)


@admin.register(User)
class PersonAdmin(StaffAdmin):
    """People, found by SIRET, SIREN or the start of their name."""

    list_display = (NAME, SIRET, "role", "state", "is_staff", "email")
    list_filter = ("role", "state", "is_staff")
    list_select_related = ("establishment",)
    prefixes = {0: "login_key__startswith"}
    words = "last_name__istartswith"
    search_help_text = "SIRET ou SIREN (ou leur début), ou début du nom."
    actions = ("suspend", "reactivate", "remove_factors")
    shown = (
        SIRET, "last_name", "first_name", "homonym", "role", "state", "is_staff",
        column("created_at", "inscription", french.moment), column("last_login", "dernière connexion", french.moment),
        "second_factor",
    )  # fmt: skip

    @admin.display(description="second facteur")
    def second_factor(self, user: User) -> str:
        """Say what he has, on his own page."""
        return ", ".join(name_of(one) for one in factors(user)) or "Aucun"

    def list_tools(self, request: HttpRequest) -> list[tuple[str, str]]:
        """Lead to the registration."""
        return [("Inscrire une personne", "add/")] if self.has_add_permission(request) else []

    def row_tools(self, obj: User) -> list[tuple[str, str]]:
        """Lead to the new password and the journal."""
        password = ("Nouveau mot de passe", reverse("admin:accounts_user_password", args=[obj.pk]))
        return [password, self.journal_tool(obj.establishment.enterprise_id)] if obj.establishment else [password]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Register a person through the action, which computes the login and refuses a homonym."""
        if not self.has_add_permission(request):
            raise PermissionDenied

        def save(values: dict[str, Any]) -> str:
            user = create_user(**values, by=staff(request), on=clock.now())
            messages.success(request, f"{user.full_name} peut se connecter.")
            return reverse("admin:accounts_user_change", args=[user.pk])

        title = "Inscrire une personne"
        crumbs = self.crumbs((title, ""))
        form = NewPersonForm(**posted(request), initial=request.GET.dict())
        return self.form_page(request, form, save, title=title, submit="Inscrire", crumbs=crumbs, back_url=crumbs[1][1])

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[Any, ...]:
        """Only the contact details are corrected."""
        return (*self.shown, "email", "phone")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[Any, ...]:
        """Names make the login, so they stay; the state changes by suspending and taking back."""
        return self.shown

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        """Correct through the actions, which tell the journal; a new address has to be validated."""
        by, on = staff(request), clock.now()
        correct_address(user=obj, email=obj.email, by=by, on=on)
        correct_phone(user=obj, phone=obj.phone, by=by, on=on)

    @admin.action(description="Suspendre", permissions=["change"])
    def suspend(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Suspend those who are active, oneself excepted; even the last administrator, who may really have left."""
        by, on = staff(request), clock.now()
        done = 0
        for user in people.select_related("establishment__enterprise"):
            if suspend_user(user=user, by=by, on=on, even_last=True):
                done += 1
                self._warn_if_nobody_is_left(request, user)
        self.message_user(request, f"{plural(done, 'personne suspendue', 'personnes suspendues')}.", messages.SUCCESS)

    def _warn_if_nobody_is_left(self, request: HttpRequest, user: User) -> None:
        place = user.establishment
        if place and not User.objects.administrators_of(place.enterprise).exists():
            told = f"{place.enterprise.name} n'a plus d'administrateur : qui s'y inscrit sera activé par courrier."
            self.message_user(request, told, messages.WARNING)

    @admin.action(description="Rétablir", permissions=["change"])
    def reactivate(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Take back those who are suspended."""
        by, on = staff(request), clock.now()
        done = sum(reactivate_user(user=user, by=by, on=on) for user in people.select_related("establishment"))
        self.message_user(request, f"{plural(done, 'personne rétablie', 'personnes rétablies')}.", messages.SUCCESS)

    @admin.action(description="Retirer les seconds facteurs", permissions=["change"])
    def remove_factors(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Help those who have lost them, oneself excepted; a mail tells each."""
        by, on = staff(request), clock.now()
        done = 0
        for user in people.select_related("establishment"):
            try:
                done += reset_factors(user=user, by=by, on=on)
            except ValidationError as error:
                self.message_user(request, f"{user.full_name} : {error.message}", messages.ERROR)
        told = plural(done, "personne n'a plus de second facteur", "personnes n'ont plus de second facteur")
        self.message_user(request, f"{told}.", messages.SUCCESS)

    def get_urls(self) -> list[URLPattern]:
        """Add the page of a new password."""
        page = path(
            "<int:pk>/mot-de-passe/", self.admin_site.admin_view(self.password_view), name="accounts_user_password"
        )
        return [page, *super().get_urls()]

    def password_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give a person a new password."""
        user: User | None = self.get_object(request, str(pk))
        if user is None:
            raise Http404("Cette personne n'existe pas.")
        if not self.has_change_permission(request, user):
            raise PermissionDenied
        back_url = reverse("admin:accounts_user_change", args=[pk])

        def save(values: dict[str, Any]) -> str:
            replace_password(user=user, password=values["password"], by=staff(request), on=clock.now())
            messages.success(request, f"Le mot de passe de {user.full_name} est remplacé.")
            return back_url

        title = f"Mot de passe de {user.full_name}"
        crumbs = self.crumbs((user.full_name, back_url), ("Mot de passe", ""))
        form = NewPasswordForm(**posted(request), user=user)
        return self.form_page(request, form, save, title=title, submit="Remplacer", crumbs=crumbs, back_url=back_url)
