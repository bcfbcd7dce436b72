"""Pages of DSN deposits."""
