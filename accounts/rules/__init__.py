"""Identifiers, keys and passwords, as pure functions."""

from accounts.rules.identifiers import (
    LA_POSTE,
    LONGEST_LOGIN_KEY,
    IdentifierError,
    clean_code_risque,
    clean_siren,
    clean_siret,
    in_alsace_moselle,
    login_key,
    login_siren,
    login_source,
    normalise_name,
)

__all__ = [
    "LA_POSTE",
    "LONGEST_LOGIN_KEY",
    "IdentifierError",
    "clean_code_risque",
    "clean_siren",
    "clean_siret",
    "in_alsace_moselle",
    "login_key",
    "login_siren",
    "login_source",
    "normalise_name",
]
