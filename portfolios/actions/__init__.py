"""Every write of DSN deposits."""
