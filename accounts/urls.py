"""Pages of people and their enterprise."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.generic import RedirectView

from accounts.views import account, passwords, people, security
from accounts.views import pages as views

app_name = "accounts"
STAFF_LOGIN = "accounts:staff_login"
urlpatterns = [
    path("entreprise/", views.enterprise_detail, name="enterprise_detail"),
    path("entreprise/journal/", views.journal_list, name="journal_list"),
    path("entreprise/inscrits/", people.person_list, name="person_list"),
    path("entreprise/inscrits/nouveau/", people.person_add, name="person_add"),
    path("entreprise/inscrits/<int:pk>/", people.person_detail, name="person_detail"),
    path("entreprise/inscrits/<int:pk>/adresse/", people.person_address, name="person_address"),
    path("entreprise/inscrits/<int:pk>/<slug:slug>/", people.person_act, name="person_act"),
    path("mes-informations/", account.account_detail, name="account_detail"),
    path("mes-informations/quitter/", account.account_leave, name="account_leave"),
    path("mes-informations/<slug:slug>/", account.account_change, name="account_change"),
    path("securite/", security.security_detail, name="security_detail"),
    path("securite/application/", security.security_application, name="security_application"),
    path("securite/cle/", security.security_passkey, name="security_passkey"),
    path("securite/cle/defi/", security.security_passkey_options, name="security_passkey_options"),
    path("securite/codes/", security.security_codes, name="security_codes"),
    path("securite/codes.txt", security.security_codes_file, name="security_codes_file"),
    path("securite/codes/gardes/", security.security_codes_kept, name="security_codes_kept"),
    path("securite/<int:pk>/retirer/", security.security_remove, name="security_remove"),
    path("securite/sessions/", security.security_sessions, name="security_sessions"),
    path("mot-de-passe/perdu/", passwords.password_lost, name="password_lost"),
    path("mot-de-passe/envoye/", passwords.password_sent, name="password_sent"),
    path("mot-de-passe/<str:uid>/<str:token>/", passwords.password_new, name="password_new"),
    path("conditions-generales/", views.terms_detail, name="terms_detail"),
    path("conditions-generales/pdf/", views.terms_document, name="terms_document"),
    path("mot-de-passe/solidite/", views.password_gauge, name="password_gauge"),
    path("gestion/connexion/", views.StaffLoginView.as_view(), name="staff_login"),
    # The Django admin's own log-in has no throttle: this address hides it.
    path("gestion/login/", login_not_required(RedirectView.as_view(pattern_name=STAFF_LOGIN, query_string=True))),
]
