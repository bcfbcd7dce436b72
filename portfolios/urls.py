"""Pages of portfolios and DSN deposits."""

from django.urls import path

from portfolios.views import bulk, dsn, follow, portfolio, tiers

app_name = "portfolios"
urlpatterns = [
    path("", portfolio.portfolio_list, name="portfolio_list"),
    path("ajouter/", portfolio.portfolio_add, name="portfolio_add"),
    path("<int:pk>/modifier/", portfolio.portfolio_change, name="portfolio_change"),
    path("<int:pk>/supprimer/", portfolio.portfolio_delete, name="portfolio_delete"),
    path("<int:pk>/declarations/", portfolio.portfolio_declarations, name="portfolio_declarations"),
    path("<int:pk>/clients/", portfolio.client_list, name="client_list"),
    path("<int:pk>/suivi/", follow.client_follow, name="client_follow"),
    path("<int:pk>/suivi/tous/", follow.client_follow_all, name="client_follow_all"),
    path("clients/<int:pk>/retirer/", portfolio.client_remove, name="client_remove"),
    path("clients/<int:pk>/declarations/", portfolio.client_declarations, name="client_declarations"),
    path("clients/<int:pk>/habilitations/", portfolio.client_habilitations, name="client_habilitations"),
    path("imports/", bulk.bulk_list, name="bulk_list"),
    path("imports/nouvelle-demande/", bulk.bulk_add, name="bulk_add"),
    path("imports/<int:pk>/", bulk.bulk_detail, name="bulk_detail"),
    path("imports/<int:pk>/compte-rendu.<str:form>", bulk.bulk_report, name="bulk_report"),
    path("imports/modele-<str:kind>.<str:form>", bulk.bulk_model, name="bulk_model"),
    path("<int:pk>/<str:kind>.<str:form>", bulk.bulk_export, name="bulk_export"),
    path("tiers/", tiers.tiers_list, name="tiers_list"),
    path("dsn/", dsn.dsn_deposit, name="dsn_deposit"),
    path("dsn/<int:pk>/", dsn.dsn_detail, name="dsn_detail"),
]
