"""Scenarios as files: their format, their errors by line, their dates and their SIRENs (docs/scenarios.md)."""
