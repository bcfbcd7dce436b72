"""Checks of an installation, for `manage.py check` and `migrate`."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error


def seal_can_be_used(**_kwargs: Any) -> list[CheckMessage]:
    """Refuse a key or certificates of the environment that cannot seal; without any, one is made when it is needed."""
    if not (settings.SEAL_KEY or settings.SEAL_CERTIFICATE or settings.SEAL_FORMER_CERTIFICATES):
        return []
    # pyHanko takes a third of a second to load: not before it is needed.
    from portal.kit.authority import SealError, known_certificates

    try:
        known_certificates()
    except SealError as error:
        return [Error(str(error), id="portal.E001")]
    return []
