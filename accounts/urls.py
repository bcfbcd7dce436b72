"""Pages of people and their enterprise."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.generic import RedirectView

from accounts import views

app_name = "accounts"
STAFF_LOGIN = "accounts:staff_login"
urlpatterns = [
    path("entreprise/", views.enterprise_detail, name="enterprise_detail"),
    path("entreprise/journal/", views.journal_list, name="journal_list"),
    path("conditions-generales/", views.terms_detail, name="terms_detail"),
    path("conditions-generales/pdf/", views.terms_document, name="terms_document"),
    path("mot-de-passe/solidite/", views.password_gauge, name="password_gauge"),
    path("gestion/connexion/", views.StaffLoginView.as_view(), name="staff_login"),
    # The Django admin's own log-in has no throttle: this address hides it.
    path("gestion/login/", login_not_required(RedirectView.as_view(pattern_name=STAFF_LOGIN, query_string=True))),
]
