"""Every write of declarations, rights, registrations and cooptations."""
