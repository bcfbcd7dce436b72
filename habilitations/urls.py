"""Pages of declarations and rights (G1), of registration (G3) and of candidates for administrator (G4)."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import RedirectView

from habilitations.views import candidate, cooptation, matrix, registration, rights

app_name = "habilitations"
_rights = [
    path("declarations/", rights.declaration_list, name="declaration_list"),
    path("declarations/<int:pk>/", rights.declaration_choice, name="declaration_choice"),
    path("droits/", matrix.habilitation_list, name="habilitation_list"),
    path("droits/<int:pk>/", matrix.habilitation_matrix, name="habilitation_matrix"),
    path("droits/personnes/<int:pk>/", matrix.habilitation_person, name="habilitation_person"),
]
_candidates = [
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
_registration = [
    path("", login_not_required(RedirectView.as_view(url="identite/"))),
    path("valider/", registration.registration_submit, name="registration_submit"),
    path("rapport/", registration.registration_report, name="registration_report"),
    path("<slug:slug>/", registration.registration_step, name="registration_step"),
]
urlpatterns = [
    path("habilitations/", include([*_rights, *_candidates])),
    path("inscription/", include(_registration)),
]
