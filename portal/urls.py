"""Every path, in French; names are in English."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("portal.page_urls")),
    path("", include("accounts.urls")),
    path("gestion/", admin.site.urls),
]
