"""A plugin of pytest for `make mutation`, loaded by scripts/mutation.py alone.

mutmut runs the tests several times in one process, then in a fork of it for each change. Here the later runs take from
the first what does not change, and no fork that could not run its tests counts as one that noticed.
"""

import os
from importlib import metadata
from typing import Any

import pytest
from django.test import utils

# What mutmut calls « suspicious ».
SUSPICIOUS = 35
made: list[Any] = []
make = utils.setup_databases


def once(*args: Any, **kwargs: Any) -> Any:
    """Make the tables in memory, which takes longer than the tests, in the first run alone."""
    if not made:
        made.append(make(*args, **kwargs))
    return made[0]


def pytest_configure() -> None:
    utils.setup_databases = once
    utils.teardown_databases = lambda *_args, **_kwargs: None
    # pytest looks through every library for each plugin that it is given; those here are modules.
    metadata.distributions = lambda **_kwargs: []


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(exitstatus: int) -> None:
    """Tests that are not found would pass for tests that fail."""
    if exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        os._exit(SUSPICIOUS)
