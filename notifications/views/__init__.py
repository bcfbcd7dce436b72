"""Pages of rates and notifications."""
