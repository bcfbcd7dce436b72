"""Tables of the training room."""

from sandbox.models.clock import Advance, Clock
from sandbox.models.copy import Copy, CopyEnterprise, CopyPerson
from sandbox.models.letter import Letter

__all__ = ["Advance", "Clock", "Copy", "CopyEnterprise", "CopyPerson", "Letter"]
