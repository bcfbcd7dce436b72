"""Log-in and log-out."""

from allauth.account import views as account_views
from django.urls import path

urlpatterns = [
    path("connexion/", account_views.login, name="account_login"),
    path("deconnexion/", account_views.logout, name="account_logout"),
]
