"""The staff's site: the Django admin, for staff only, behind the throttled log-in."""

from collections.abc import Iterable
from functools import update_wrapper
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
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
        """Refuse a person who is no staff, where Django would ask him to log in again."""
        page = super().admin_view(view, cacheable)

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            return page(request, *args, **kwargs)  # type: ignore[no-any-return]

        return update_wrapper(inner, view)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Give every page the address of the log-in; Django gives it to its own few."""
        urls: list[URLPattern | URLResolver] = super().get_urls()
        for page in _pages(urls):
            if page.name != "login":
                page.callback.login_url = reverse_lazy("accounts:staff_login")  # type: ignore[attr-defined]
        return urls


def _pages(urls: Iterable[URLPattern | URLResolver]) -> Iterable[URLPattern]:
    for url in urls:
        if isinstance(url, URLResolver):
            yield from _pages(url.url_patterns)
        else:
            yield url
