"""Every path, in French; names are in English."""

from allauth.account.views import account_inactive, logout
from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from accounts.views.pages import PersonLoginView
from accounts.views.second import mfa_authenticate, mfa_cancel, mfa_passkey_options
from habilitations.views.address import account_confirm_email, account_email_verification_sent
from notifications.views.verification import document_verify, seal_authority
from portal.health import healthz, readyz
from portal.metrics import metrics

handler500 = "portal.views.server_error"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("portal.page_urls")),
    path("", include("accounts.urls")),
    path("portefeuilles/", include("portfolios.urls")),
    path("notifications/", include("notifications.urls")),
    # A short address: every document prints it.
    path("verifier/", document_verify, name="document_verify"),
    path("verifier/autorite.pem", seal_authority, name="seal_authority"),
    # allauth finds its pages by these names.
    path("connexion/", PersonLoginView.as_view(), name="account_login"),
    path("connexion/second-facteur/", mfa_authenticate, name="mfa_authenticate"),
    path("connexion/second-facteur/defi/", mfa_passkey_options, name="mfa_passkey_options"),
    path("connexion/second-facteur/annuler/", mfa_cancel, name="mfa_cancel"),
    path("deconnexion/", logout, name="account_logout"),
    path("compte-suspendu/", account_inactive, name="account_inactive"),
    path("inscription/adresse/", account_email_verification_sent, name="account_email_verification_sent"),
    path("inscription/adresse/<str:key>/", account_confirm_email, name="account_confirm_email"),
    path("", include("habilitations.urls")),
    path("gestion/", admin.site.urls),
    *(path("", include(module)) for module in settings.EXTRA_URLS),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
]
