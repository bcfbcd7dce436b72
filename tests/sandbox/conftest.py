"""The demo, loaded on the tests' day."""

import pytest

from sandbox.demo import load_demo
from tests.conftest import NOW


@pytest.fixture
def demo(db: None) -> None:
    load_demo(on=NOW)
