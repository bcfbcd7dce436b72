"""The training room: what makes the portal a simulator. Nothing below imports it."""
