"""Tables of the register, the people, the imports and the journal."""

from accounts.models.imports import (
    ImportBatch,
    ImportFile,
    ImportProblem,
    StagedEstablishment,
    StagedHeadcount,
)
from accounts.models.journal import JournalEntry, Sweep
from accounts.models.people import LoginFailure, User
from accounts.models.register import Enterprise, Establishment, Headcount

__all__ = [
    "Enterprise",
    "Establishment",
    "Headcount",
    "ImportBatch",
    "ImportFile",
    "ImportProblem",
    "JournalEntry",
    "LoginFailure",
    "StagedEstablishment",
    "StagedHeadcount",
    "Sweep",
    "User",
]
