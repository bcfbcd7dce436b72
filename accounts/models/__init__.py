"""Tables of the register, the people, the imports and the journal."""

from accounts.models.imports import (
    ImportBatch,
    ImportFile,
    ImportProblem,
    StagedEstablishment,
    StagedHeadcount,
)
from accounts.models.journal import JournalChain, JournalEntry, Sweep
from accounts.models.mail import Mail
from accounts.models.people import LoginFailure, User
from accounts.models.register import Enterprise, Establishment, Headcount
from accounts.models.registration import RegistrationDraft

__all__ = [
    "Enterprise",
    "Establishment",
    "Headcount",
    "ImportBatch",
    "ImportFile",
    "ImportProblem",
    "JournalChain",
    "JournalEntry",
    "LoginFailure",
    "Mail",
    "RegistrationDraft",
    "StagedEstablishment",
    "StagedHeadcount",
    "Sweep",
    "User",
]
