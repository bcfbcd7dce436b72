"""Two lists side by side with arrows (G1.2, G2.4, G2.7): works by posting, without JavaScript.

The draft travels in hidden inputs; only « Valider » saves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

ADD, REMOVE, SAVE = "ajouter", "retirer", "valider"


class Posted(Protocol):
    """What was posted: a QueryDict, for instance."""

    def getlist(self, key: str) -> list[str]:
        """Return the values of a name."""
        ...

    def __contains__(self, key: object) -> bool:
        """Say whether a name was posted."""
        ...


@dataclass(frozen=True)
class Item:
    """One line of a list. note: a second line under its label, empty for none."""

    value: str
    label: str
    note: str = ""


@dataclass(frozen=True)
class DualList:
    """What is available and what is selected now; saving: « Valider » was pressed."""

    available: tuple[Item, ...]
    selected: tuple[Item, ...]
    saving: bool = False
    moved: str = ""

    @property
    def values(self) -> set[str]:
        """The values of what is selected."""
        return {item.value for item in self.selected}


def dual_list(items: Sequence[Item], selected: set[str], posted: Posted | None = None) -> DualList:
    """Return the two lists: as stored, or after the move that was posted. Unknown values are left out.

    items: everything that may be chosen, in order. selected: values as stored.
    """
    moved = ""
    if posted is not None:
        selected = set(posted.getlist("selection"))
        if ADD in posted:
            moved = _told(items, set(posted.getlist("disponible")) - selected, "À ajouter")
            selected |= set(posted.getlist("disponible"))
        elif REMOVE in posted:
            moved = _told(items, set(posted.getlist("retenu")) & selected, "À retirer")
            selected -= set(posted.getlist("retenu"))
    return DualList(
        available=tuple(item for item in items if item.value not in selected),
        selected=tuple(item for item in items if item.value in selected),
        saving=posted is not None and SAVE in posted,
        moved=moved,
    )


def _told(items: Sequence[Item], moved: set[str], what: str) -> str:
    labels = [f"« {item.label} »" for item in items if item.value in moved]
    return f"{what} : {', '.join(labels)}. Rien n'est enregistré avant « Valider »." if labels else ""
