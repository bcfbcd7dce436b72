"""A second account of what the portal does, in plain Python, and a machine that plays both at random (trust.md)."""
