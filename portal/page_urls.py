"""The frame's own pages, under the name « portal »."""

from django.urls import path

from portal import views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("menu/", views.dashboard, name="dashboard"),
    path("composants/", views.gallery, name="gallery"),
]
