"""Log-in pages, the general terms, the password's gauge, and « Votre entreprise »."""

from typing import Any

from allauth.account.views import LoginView
from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from accounts.access import administration, person, reach
from accounts.documents import terms_pdf
from accounts.forms import LoginForm, NewPasswordForm, StaffLoginForm
from accounts.models import Establishment, JournalEntry, User
from accounts.rules import terms
from portal.kit.paging import page


class PersonLoginView(LoginView):
    """« Votre compte » (G5.1), by allauth's flow."""

    form_class = LoginForm

    def get_form_class(self) -> type[LoginForm]:
        """Use our form; allauth's own look-up knows one form for every page."""
        return LoginForm


class StaffLoginView(LoginView):
    """The door of the Django admin, throttled like the other."""

    form_class = StaffLoginForm
    template_name = "accounts/staff_login.html"

    def get_form_class(self) -> type[StaffLoginForm]:
        """Use our form; allauth's own look-up knows one form for every page."""
        return StaffLoginForm

    def get_default_success_url(self) -> str:
        """Lead to the admin."""
        return reverse("admin:index")

    def get_authenticated_redirect_url(self) -> Any:
        """A person who is not of the staff has nothing to do here: his own menu, not a loop."""
        user = self.request.user
        if not user.is_staff:
            return reverse("portal:dashboard")
        return super().get_authenticated_redirect_url()  # type: ignore[no-untyped-call]


@login_not_required
@require_GET
def terms_detail(request: HttpRequest) -> HttpResponse:
    """Show the general terms to anybody (G3.3)."""
    return render(request, "accounts/terms_detail.html", {"terms": terms})


@login_not_required
@require_GET
def terms_document(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Give the same text as a PDF (G3.3)."""
    name = f"conditions-generales-{terms.VERSION}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(terms_pdf(), content_type="application/pdf", headers=headers)


@login_not_required
@never_cache
@sensitive_post_parameters("password", "again", "answer")
@require_POST
def password_gauge(request: HttpRequest) -> HttpResponse:
    """Judge a password while it is typed (G3.7); nothing is kept. The page that asks is told what the server thinks."""
    known = tuple(text[:200] for text in request.POST.getlist("known")[:5])
    return render(request, "accounts/password_gauge.html", {"form": NewPasswordForm(request.POST, known=known)})


def _establishments(user: User) -> QuerySet[Establishment]:
    within = reach(user)
    if within.whole:
        return Establishment.objects.filter(enterprise=within.siren)
    return Establishment.objects.filter(users=user)


@require_GET
def enterprise_detail(request: HttpRequest) -> HttpResponse:
    """Show the identity of one's enterprise as the register has it (G3.4), and its administrators (G1.3)."""
    user = person(request)
    if user.establishment is None or user.state == User.State.PENDING:
        raise Http404
    enterprise = user.establishment.enterprise
    return render(
        request,
        "accounts/enterprise_detail.html",
        {
            "crumbs": [("Menu personnalisé", reverse("portal:dashboard")), ("Votre entreprise", "")],
            "enterprise": enterprise,
            "headcounts": enterprise.headcounts.all(),
            "administrators": list(User.objects.administrators_of(enterprise).select_related("establishment")[:51]),
            "page": page(_establishments(user), order=("-is_head_office", "siret", "id"), size=50, params=request.GET),
        },
    )


@require_GET
def journal_list(request: HttpRequest) -> HttpResponse:
    """Show an enterprise's administrators what was done in its name, the newest first."""
    user = person(request)
    if not administration(user).allowed or user.establishment is None:
        raise Http404
    entries = JournalEntry.objects.filter(enterprise=user.establishment.enterprise_id)
    return render(
        request,
        "accounts/journal_list.html",
        {
            "crumbs": [
                ("Menu personnalisé", reverse("portal:dashboard")),
                ("Votre entreprise", reverse("accounts:enterprise_detail")),
                ("Journal d'activité", ""),
            ],
            "page": page(entries, order=("-id",), size=50, params=request.GET),
        },
    )
