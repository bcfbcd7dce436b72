"""What was looked at for the RGAA 4.1 (its thirteen topics), and how; said as it is on « /accessibilite/ »."""

from dataclasses import dataclass

NONE = "Non regardé"


@dataclass(frozen=True)
class Topic:
    """A topic of the RGAA: what a program looks at, and what somebody looked at by hand."""

    number: int
    name: str
    automated: str
    by_hand: str = NONE


TOPICS = (
    Topic(1, "Images", "Texte de remplacement présent", "Graphiques doublés d'un tableau"),
    Topic(2, "Cadres", "Titre présent", "Un seul cadre : le courriel montré par le simulateur"),
    Topic(3, "Couleurs", "Contraste des textes, en clair et en sombre", "Aucun état dit par la seule couleur"),
    Topic(4, "Multimédia", "Sans objet", "Sans objet : ni son ni vidéo"),
    Topic(5, "Tableaux", "En-têtes des tableaux", "Légendes et titres relus"),
    Topic(6, "Liens", "Intitulé présent"),
    Topic(7, "Scripts", "Rôles et états ARIA valides", "Toutes les pages servent sans JavaScript"),
    Topic(8, "Éléments obligatoires", "Langue, titre de page, identifiants uniques"),
    Topic(9, "Structuration de l'information", "Ordre des titres, repères", "Plan des pages relu"),
    Topic(
        10, "Présentation de l'information",
        "Pas de défilement horizontal à 320 pixels, ni avec le texte seul à 200 %", "Captures d'écran relues",
    ),
    Topic(11, "Formulaires", "Étiquettes présentes", "Erreurs au champ et en tête, valeurs gardées"),
    Topic(12, "Navigation", "Lien d'évitement", "Un parcours entier au clavier, rejoué à chaque version"),
    Topic(13, "Consultation", "PDF marqué (PDF/UA-1), avant et après le cachet", "Animations coupées sur demande"),
)  # fmt: skip
LIMITS = (
    "Aucun lecteur d'écran (NVDA, JAWS, VoiceOver) n'a été essayé.",
    "Aucune personne handicapée n'a essayé le portail.",
    "La gestion garde la structure de Django ; seules ses couleurs et ses pages propres sont les nôtres.",
    "Le contenu des courriels n'est pas jugé par le programme.",
)
