"""Loaded before the settings: the suite has a folder of its own and cheap password hashes."""

import os
import tempfile

os.environ["ATELIER_VAR"] = tempfile.mkdtemp(prefix="atelier-tests-")
os.environ["ATELIER_ENV"] = "local"
# In the suite itself jobs run eagerly; tests of real workers are given TEST_REDIS_URL.
os.environ.pop("REDIS_URL", None)
# The browser's event loop and Django share a thread in the journeys.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
