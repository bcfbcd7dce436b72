"""The general terms of the simulator (G3.3), written once for the page and for the PDF."""

import datetime as dt
from dataclasses import dataclass

VERSION = "1.0"
PUBLISHED_ON = dt.date(2026, 11, 23)


@dataclass(frozen=True)
class Clause:
    """A numbered clause: its title, then its paragraphs."""

    title: str
    paragraphs: tuple[str, ...]


CLAUSES = (
    Clause(
        "À quoi sert ce simulateur",
        (
            "L'Atelier AT/MP fait répéter, en formation, les démarches du compte AT/MP. Ce n'est pas le service "
            "officiel et il n'appartient à aucun organisme public.",
            "Rien de ce que vous y faites n'a d'effet en dehors de lui : aucune déclaration n'est déposée, aucun taux "
            "n'est fixé, aucun courrier ne part vers une administration.",
        ),
    ),
    Clause(
        "Des données fictives",
        (
            "Seuls les établissements du répertoire du simulateur sont acceptés. Donnez un nom, un prénom et un "
            "téléphone inventés, ou ceux que votre formateur vous a remis.",
            "L'adresse électronique doit seulement être lisible par vous : le lien qui la valide y est envoyé.",
        ),
    ),
    Clause(
        "Jamais un vrai mot de passe",
        (
            "Ne saisissez ici ni mot de passe ni réponse secrète qui vous servent ailleurs. Le simulateur n'en garde "
            "que des empreintes, mais aucun simulateur ne mérite un vrai secret.",
        ),
    ),
    Clause(
        "Qui fait quoi",
        (
            "Qui s'inscrit depuis l'accueil demande à être administrateur : il agit pour son établissement, inscrit "
            "des collègues et donne des droits. Un déclarant n'utilise que les droits reçus ; c'est un collègue qui "
            "l'inscrit.",
            "Quand l'entreprise a déjà un administrateur, l'un d'eux accepte le nouveau venu, ou une clé d'activation "
            "est postée à l'établissement. Sans décision au bout de quinze jours, la demande s'efface.",
        ),
    ),
    Clause(
        "Vos engagements",
        (
            "Ne vous inscrivez pas au nom d'une personne réelle sans son accord. Gardez votre mot de passe pour vous. "
            "N'essayez pas d'entrer dans le compte d'autrui.",
            "Un administrateur répond des droits qu'il donne et des candidats qu'il accepte.",
        ),
    ),
    Clause(
        "Nos engagements",
        (
            "Le simulateur est fourni tel quel, sans garantie de disponibilité. L'équipe de l'atelier peut corriger ou "
            "suspendre un compte, et remettre le simulateur à zéro entre deux formations.",
            "Chaque refus dit la règle qui l'a décidé.",
        ),
    ),
    Clause(
        "Les documents",
        ("Les documents produits ici sont marqués « SPÉCIMEN ». Ils n'ont aucune valeur et n'ouvrent aucun droit.",),
    ),
    Clause(
        "Ce qui est conservé",
        (
            "Votre SIRET, vos nom et prénom, la distinction d'homonyme si vous en donnez une, votre adresse "
            "électronique et votre téléphone ; les empreintes du mot de passe et de la réponse secrète ; la version de "
            "ces conditions et l'instant où vous les avez acceptées.",
            "Un journal note chaque changement : qui, quand, pour quelle entreprise, depuis quelle adresse du réseau. "
            "Les administrateurs de l'entreprise le lisent. Les courriels envoyés sont conservés aussi.",
        ),
    ),
    Clause(
        "Pendant combien de temps",
        (
            "Une inscription commencée s'efface au bout de 24 heures, une inscription dont l'adresse n'est jamais "
            "validée au bout de quinze jours. Un compte dure aussi longtemps que le simulateur, ou jusqu'à ce que "
            "l'équipe l'efface.",
            "Le journal n'est jamais réécrit ; qui n'a jamais été accepté n'y figure que sous un pseudonyme.",
        ),
    ),
    Clause(
        "Vos droits, et à qui écrire",
        (
            "Vous pouvez demander à lire, à corriger ou à faire effacer ce qui vous concerne. Adressez-vous à l'équipe "
            "de l'atelier : celle qui vous a donné l'adresse de ce simulateur.",
            "Si ces conditions changent, leur numéro de version change aussi ; celui que vous avez accepté reste "
            "noté avec votre compte.",
        ),
    ),
)
