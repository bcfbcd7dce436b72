"""Pages of people and their enterprise."""
