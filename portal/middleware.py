"""What every request gets: headers that Django and django-csp leave to the project, its origin for the journal."""

from collections.abc import Callable

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse

from portal.kit.origin import origin


def response_headers(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Keep the simulator out of search engines, other origins and shared caches."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("X-Robots-Tag", "noindex, nofollow")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if hasattr(request, "user") and request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware


def journal_origin(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Remember the client's address while its request runs: the journal says from where a change came."""

    def middleware(request: HttpRequest) -> HttpResponse:
        token = origin.set(get_adapter(request).get_client_ip(request))
        try:
            return get_response(request)
        finally:
            origin.reset(token)

    return middleware
