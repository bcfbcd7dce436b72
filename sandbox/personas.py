"""Who to log in as in the demo and in a copy of a scenario, and what each one shows."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from django.contrib.auth.models import AnonymousUser

from accounts import rules
from accounts.models import User
from sandbox import demo
from sandbox.mission.file import DEMO, Mission
from sandbox.models import Copy

PASSWORD = "Bonjour2027"  # noqa: S105 - shown to whoever runs the demo


@dataclass(frozen=True)
class Persona:
    """A person of the demo or of a copy.

    Staff have no SIRET: their « nom » is the identifier of « /gestion/connexion/ ».
    """

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

    @property
    def login_key(self) -> str:
        """The key under which he logs in."""
        if self.siret:
            return rules.login_key(self.siret, self.nom, self.prenom)
        return rules.normalise_name(self.nom)

    def is_played_by(self, user: User | AnonymousUser) -> bool:
        """Say whether this is who is logged in."""
        return isinstance(user, User) and user.login_key == self.login_key

    def as_dict(self) -> dict[str, str]:
        """Key, role, siret, nom, prenom, password and what the persona shows."""
        return asdict(self)


PEOPLE = (
    Persona(
        "aubepine-admin", "administrateur", demo.HEAD[demo.MASON], "Le Goff", "Anaïs",
        "Une notification de cinq jours, non lue (pastille « 1 »), cinq lues dont une remplacée, un candidat à juger.",
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

TRAINER = Persona(
    "formatrice", "formatrice", "", "formatrice", "",
    "Les outils d'une classe, et rien d'autre de la gestion : copies, cartes, tableau.",
)  # fmt: skip


def sees_for(siren: str, among: Iterable[Persona] = PEOPLE) -> Persona | None:
    """Return the administrator of an enterprise, its head office's first; None when none of these people is."""
    return next((one for one in among if one.siret[:9] == siren and one.role.startswith("administrateur")), None)


def personas_of(copy: Copy) -> list[Persona]:
    """Return the people of a copy, as its card names them."""
    word = copy.card.get("password", "")
    return [
        Persona(f"{copy.pk}-{one['key']}", one["role"], one["siret"], one["nom"], one["prenom"], one["shows"], word)
        for one in copy.card.get("people", [])
    ]


def actor(mission: Mission, copy: Copy | None) -> Persona | None:
    """Return who does this mission in a copy, or in the demo; None when anybody may, or he is not there."""
    key = mission.who.get(copy.scenario if copy else DEMO, "")
    if copy is None:
        return next((one for one in PEOPLE if one.key == key), None)
    return next((one for one in personas_of(copy) if one.key == f"{copy.pk}-{key}"), None)


def place_of(mission: Mission, copy: Copy | None) -> str:
    """Return the SIRET of the enterprise that the mission names, empty when it names none."""
    if copy is None:
        return demo.HEAD[demo.BAKERY] if mission.place else ""
    return next((one["siret"] for one in copy.card.get("places", []) if one["name"] == mission.place), "")


def users_of(people: Iterable[Persona]) -> dict[str, User]:
    """Return the accounts of people, by login key; who has none any more is left out."""
    keys = [one.login_key for one in people]
    return {user.login_key: user for user in User.objects.filter(login_key__in=keys)}


def personas() -> list[Persona]:
    """Return everybody one can log in as."""
    return [*PEOPLE, STAFF, TRAINER]
