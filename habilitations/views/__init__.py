"""Pages of declarations, rights, registrations and candidates."""
