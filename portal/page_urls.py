"""The frame's own pages, under the name « portal »."""

from django.urls import path

from portal import own_data, views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("menu/", views.dashboard, name="dashboard"),
    path("mes-donnees/", own_data.own_data, name="own_data"),
    path("accessibilite/", views.accessibility, name="accessibility"),
    path("composants/", views.gallery, name="gallery"),
]
