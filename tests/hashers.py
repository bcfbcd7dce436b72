"""Argon2 as the portal's, without what makes it slow: thousands of tests log in."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2(Argon2PasswordHasher):
    """Hashes of the portal's own hasher are of other costs, and still verified."""

    time_cost, memory_cost, parallelism = 1, 8, 1
