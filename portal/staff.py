"""The staff's site: the Django admin, for staff only, behind the throttled log-in."""

from collections.abc import Iterable
from functools import update_wrapper
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_replace
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, reverse_lazy


class StaffAdminConfig(AdminConfig):
    """Puts our site in the place of Django's; named in INSTALLED_APPS."""

    default = False
    default_site = "portal.staff.StaffSite"


class StaffSite(AdminSite):
    """Visitors are sent to the staff's log-in, people of an enterprise are refused."""

    site_title = site_header = "Gestion – Atelier AT/MP"
    index_title = "Gestion"
    # The lists need the width; the way back is in the breadcrumb.
    enable_nav_sidebar = False

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Refuse a person who is no staff, where Django would ask him to log in again.

        Staff without a second factor are led to add one, wherever STAFF_MFA asks for it.
        """
        page = super().admin_view(view, cacheable)

        # Django's pages name their scripts without a nonce: files of this host, never a line of theirs.
        @csp_replace({"script-src": [SELF]})
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            if _lacks_factor(request):
                messages.warning(request, "L'équipe entre ici avec un second facteur : ajoutez-en un pour continuer.")
                return redirect("accounts:security_detail")
            return page(request, *args, **kwargs)  # type: ignore[no-any-return]

        return update_wrapper(inner, view)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show Django's page, and change the password as everybody's is: told in the journal and by mail."""
        from accounts.admin.own_password import OwnPasswordView

        request.current_app = self.name
        context = self.each_context(request) | (extra_context or {})
        return OwnPasswordView.as_view(extra_context=context)(request)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Give every page the address of the log-in; Django gives it to its own few."""
        urls: list[URLPattern | URLResolver] = super().get_urls()
        for page in _pages(urls):
            if page.name != "login":
                page.callback.login_url = reverse_lazy("accounts:staff_login")  # type: ignore[attr-defined]
        return urls


def _lacks_factor(request: HttpRequest) -> bool:
    # This module is loaded before the models.
    from accounts.access import has_factor, must_have_factor
    from accounts.models import User

    user = request.user
    return isinstance(user, User) and must_have_factor(user) and not has_factor(user)


def _pages(urls: Iterable[URLPattern | URLResolver]) -> Iterable[URLPattern]:
    for url in urls:
        if isinstance(url, URLResolver):
            yield from _pages(url.url_patterns)
        else:
            yield url
