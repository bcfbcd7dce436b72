"""Who to log in as in the demo, and what each one shows."""

from dataclasses import asdict, dataclass

from accounts.models import User
from sandbox import demo

PASSWORD = "Bonjour2027"  # noqa: S105 - shown to whoever runs the demo


@dataclass(frozen=True)
class Persona:
    """A person of the demo. Staff have no SIRET: their « nom » is the identifier of « /gestion/connexion/ »."""

    key: str
    role: str
    siret: str
    nom: str
    prenom: str
    shows: str
    password: str = PASSWORD

    @property
    def account_role(self) -> str:
        """The role as the database knows it."""
        return User.Role.DECLARANT if self.role == "déclarant" else User.Role.ADMINISTRATOR

    def as_dict(self) -> dict[str, str]:
        """Key, role, siret, nom, prenom, password and what the persona shows."""
        return asdict(self)


PEOPLE = (
    Persona(
        "aubepine-admin", "administrateur", demo.HEAD[demo.MASON], "Le Goff", "Anaïs",
        "Une notification de cinq jours, non lue (pastille « 1 »), quatre lues, un candidat à accepter ou refuser.",
    ),
    Persona(
        "aubepine-declarant", "déclarant", demo.HEAD[demo.MASON], "Abgrall", "Noé",
        "Aucune notification : pas d'habilitation, et la page dit pourquoi.",
    ),
    Persona(
        "aubepine-candidat", "candidat administrateur", demo.HEAD[demo.MASON], "Riou", "Maël",
        "Son inscription attend l'accord d'un administrateur : il ne voit que son état et les jours qui restent.",
    ),
    Persona(
        "belharra-admin", "administrateur", demo.HEAD[demo.LOGISTICS], "Kervella", "Zoé",
        "Trois notifications non lues : le siège agit pour tous les établissements.",
    ),
    Persona(
        "belharra-strasbourg", "administrateur", demo.STRASBOURG, "Muller", "Théo",
        "Les trois notifications de son seul établissement secondaire.",
    ),
    Persona(
        "belharra-declarant", "déclarant", demo.HEAD[demo.LOGISTICS], "Guégan", "Lou",
        "Les trois notifications du siège, par habilitation.",
    ),
    Persona(
        "dentelliere-admin", "administrateur", demo.HEAD[demo.RESTAURANT], "Lefèvre", "Inès",
        "Aucune notification : l'entreprise n'est pas inscrite au Compte AT/MP, son taux part par courrier.",
    ),
    Persona(
        "estran-admin", "administrateur", demo.HEAD[demo.HOME_CARE], "Rouxel", "Yann",
        "Inscrite à l'instant au Compte AT/MP : le délai d'accès court pendant 24 heures.",
    ),
    Persona(
        "cormoran-admin", "administrateur d'un tiers déclarant", demo.HEAD[demo.FIRM], "D'Hervé", "Chloé",
        "Un cabinet comptable : deux portefeuilles, un client ouvert, un fermé faute de DSN récente, un en attente.",
    ),
    Persona(
        "cormoran-declarant", "déclarant", demo.HEAD[demo.FIRM], "Tanguy", "Erwan",
        "Collaborateur du cabinet : les clients de ses portefeuilles, un seul lui est ouvert.",
    ),
)  # fmt: skip
STAFF = Persona(
    "equipe", "équipe de l'atelier", "", "equipe", "",
    "La gestion (/gestion/) : répertoire, personnes, tarif, campagnes.",
)  # fmt: skip


def sees_for(siren: str) -> Persona | None:
    """Return the administrator of an enterprise of the demo, its head office's first; None for any other enterprise."""
    return next((one for one in PEOPLE if one.siret[:9] == siren and one.role.startswith("administrateur")), None)


def personas() -> list[Persona]:
    """Return everybody one can log in as."""
    return [*PEOPLE, STAFF]
