"""Pages of candidates for administrator (G4)."""

from django.urls import path

from habilitations.views import candidate, cooptation

app_name = "habilitations"
urlpatterns = [
    path("cooptations/", cooptation.cooptation_list, name="cooptation_list"),
    path("cooptations/confirmation/", cooptation.cooptation_confirm, name="cooptation_confirm"),
    path("cooptations/decision/", cooptation.cooptation_decide, name="cooptation_decide"),
    path("cooptations/accuse/", cooptation.cooptation_outcome, name="cooptation_outcome"),
    path("ma-demande/", candidate.cooptation_status, name="cooptation_status"),
    path("ma-demande/voie/", candidate.cooptation_route, name="cooptation_route"),
    path("ma-demande/lettre/", candidate.activation_letter, name="activation_letter"),
    path("ma-demande/cle/", candidate.activation_key, name="activation_key"),
    path("ma-demande/activee/", candidate.activation_done, name="activation_done"),
]
