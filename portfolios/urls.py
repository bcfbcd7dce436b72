"""Pages of DSN deposits."""

from django.urls import path

from portfolios.views import dsn

app_name = "portfolios"
urlpatterns = [
    path("dsn/", dsn.dsn_deposit, name="dsn_deposit"),
    path("dsn/<int:pk>/", dsn.dsn_detail, name="dsn_detail"),
]
