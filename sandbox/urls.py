"""The simulator's tools, under « /simulateur/ »."""

from django.urls import path

from sandbox.views import board, clock, copies, door, letters, mails, missions, personas

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
    path("simulateur/copies/", copies.copy_list, name="copy_list"),
    path("simulateur/copies/charger/", copies.copy_add, name="copy_add"),
    path("simulateur/copies/cartes/", copies.copy_cards, name="copy_cards"),
    path("simulateur/copies/<int:pk>/remettre-a-zero/", copies.copy_reset, name="copy_reset"),
    path("simulateur/carte/<str:token>/", copies.card_detail, name="card_detail"),
    path("simulateur/missions/", missions.mission_list, name="mission_list"),
    path("simulateur/missions/suivre/", missions.mission_follow, name="mission_follow"),
    path("simulateur/missions/fichier-dsn/", missions.mission_dsn, name="mission_dsn"),
    path("simulateur/missions/<slug:key>/", missions.mission_detail, name="mission_detail"),
    path("simulateur/missions/<slug:key>/resultat.pdf", missions.mission_result, name="mission_result"),
    path("simulateur/tableau/", board.board_detail, name="board_detail"),
    path("simulateur/tableau/export.<slug:form>", board.board_export, name="board_export"),
    path("simulateur/tableau/<int:pk>/taux/", board.board_rate, name="board_rate"),
    path("simulateur/tableau/<int:pk>/candidat/", board.board_candidate, name="board_candidate"),
    path("simulateur/personnages/<slug:key>/", personas.persona_switch, name="persona_switch"),
]
