"""The simulator's tools, under « /simulateur/ »."""

from django.urls import path

from sandbox.views import clock, door, letters, mails, personas

app_name = "sandbox"
urlpatterns = [
    path("simulateur/", clock.tool_index, name="tool_index"),
    path("simulateur/code/", door.class_code, name="class_code"),
    path("simulateur/horloge/", clock.clock_detail, name="clock_detail"),
    path("simulateur/horloge/avancer/", clock.clock_advance, name="clock_advance"),
    path("simulateur/horloge/continuer/", clock.clock_continue, name="clock_continue"),
    path("simulateur/horloge/<int:pk>/", clock.advance_detail, name="advance_detail"),
    path("simulateur/courriels/", mails.mailbox_list, name="mailbox_list"),
    path("simulateur/courriels/boite/", mails.mailbox_detail, name="mailbox_detail"),
    path("simulateur/courriels/<int:pk>/", mails.mail_detail, name="mail_detail"),
    path("simulateur/courriels/<int:pk>/contenu/", mails.mail_body, name="mail_body"),
    path("simulateur/lettres/", letters.letter_list, name="letter_list"),
    path("simulateur/lettres/<int:pk>/", letters.letter_detail, name="letter_detail"),
    path("simulateur/lettres/<int:pk>/pdf/", letters.letter_document, name="letter_document"),
    path("simulateur/personnages/", personas.persona_list, name="persona_list"),
    path("simulateur/personnages/<slug:key>/", personas.persona_switch, name="persona_switch"),
]
