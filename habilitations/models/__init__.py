"""Tables of declarations, rights, registrations and cooptations."""

from habilitations.models.cooptation import ActivationKey, Cooptation
from habilitations.models.registration import Registration
from habilitations.models.rights import ATMP, Declaration, EstablishmentDeclaration, Habilitation

__all__ = [
    "ATMP",
    "ActivationKey",
    "Cooptation",
    "Declaration",
    "EstablishmentDeclaration",
    "Habilitation",
    "Registration",
]
