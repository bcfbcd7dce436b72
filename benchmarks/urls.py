"""The portal's pages, and a bare one to compare them with: session and person, nothing else."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from portal.urls import urlpatterns as pages


def bare(request: HttpRequest) -> HttpResponse:
    """Say who is there."""
    return HttpResponse(str(request.user.pk))


urlpatterns = [path("nue/", bare), *pages]
