"""Pages of « Vos notifications » (G5.3 to G5.6)."""

from django.urls import path

from notifications.views import archive, client, follow, payroll, rates, spread
from notifications.views import notification as views

app_name = "notifications"
urlpatterns = [
    path("clients/", client.client_rate_list, name="client_rate_list"),
    path("clients/export.<str:form>", client.client_rate_export, name="client_rate_export"),
    path("clients/<int:pk>/", client.client_rate_detail, name="client_rate_detail"),
    path("clients/nouveaux-taux/", follow.new_rate_list, name="new_rate_list"),
    path("clients/nouveaux-taux/export.<str:form>", follow.new_rate_export, name="new_rate_export"),
    path("taux/", rates.rate_list, name="rate_list"),
    path("taux/repartition/", spread.rate_spread, name="rate_spread"),
    path("clients/repartition/", spread.client_rate_spread, name="client_rate_spread"),
    path("taux/export.<str:form>", rates.rate_export, name="rate_export"),
    path("clients/paie/", payroll.client_payroll_list, name="client_payroll_list"),
    path("clients/paie/export.<str:form>", payroll.client_payroll_export, name="client_payroll_export"),
    path("paie/", payroll.payroll_list, name="payroll_list"),
    path("paie/export.<str:form>", payroll.payroll_export, name="payroll_export"),
    path("documents/", archive.archive_list, name="archive_list"),
    path("documents/<int:pk>.zip", archive.archive_download, name="archive_download"),
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
