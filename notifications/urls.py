"""Pages of « Vos notifications » (G5.3 to G5.6)."""

from django.urls import path

from notifications.views import client
from notifications.views import notification as views

app_name = "notifications"
urlpatterns = [
    path("clients/", client.client_rate_list, name="client_rate_list"),
    path("clients/export.csv", client.client_rate_export, name="client_rate_export"),
    path("clients/<int:pk>/", client.client_rate_detail, name="client_rate_detail"),
    path("", views.notification_list, name="notification_list"),
    path("<int:pk>/", views.notification_detail, name="notification_detail"),
    path("<int:pk>/document.pdf", views.notification_document, name="notification_document"),
    path("<int:pk>/agenda.ics", views.notification_calendar, name="notification_calendar"),
    path("<int:pk>/ouvrir/", views.notification_open, name="notification_open"),
    path("<int:pk>/archiver/", views.notification_archive, name="notification_archive"),
    path("<int:pk>/desarchiver/", views.notification_unarchive, name="notification_unarchive"),
    path("<int:pk>/supprimer/", views.notification_delete, name="notification_delete"),
    path("<int:pk>/retablir/", views.notification_restore, name="notification_restore"),
]
