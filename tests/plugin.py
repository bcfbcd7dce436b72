"""Loaded before the settings: the suite has a folder of its own, and says the same on a busy machine."""

import os
import tempfile

from hypothesis import settings

os.environ["ATELIER_VAR"] = tempfile.mkdtemp(prefix="atelier-tests-")
os.environ["ATELIER_ENV"] = "local"
# In the suite itself jobs run eagerly; tests of real workers are given TEST_REDIS_URL.
os.environ.pop("REDIS_URL", None)
# The browser's event loop and Django share a thread in the journeys.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
# The same cases every time, and no deadline: a slow second on a shared machine is no failure.
settings.register_profile("suite", derandomize=True, deadline=None)
settings.load_profile("suite")
