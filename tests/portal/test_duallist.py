"""Two lists and their arrows, by posts alone (G1.2)."""

from django.http import QueryDict

from portal.kit.duallist import DualList, Item, dual_list

ITEMS = [Item("a", "Alpha"), Item("b", "Bêta"), Item("c", "Gamma")]


def shown(lists: DualList) -> tuple[str, str]:
    return "".join(item.value for item in lists.available), "".join(item.value for item in lists.selected)


def after(query: str) -> DualList:
    return dual_list(ITEMS, {"b"}, QueryDict(query))


def test_it_starts_as_stored() -> None:
    assert shown(dual_list(ITEMS, {"b"})) == ("ac", "b")


def test_an_arrow_moves_what_is_ticked_and_saves_nothing() -> None:
    lists = after("selection=b&disponible=a&disponible=c&ajouter=1")
    assert (shown(lists), lists.saving) == (("", "abc"), False)
    assert lists.moved == "À ajouter : « Alpha », « Gamma ». Rien n'est enregistré avant « Valider »."
    back = after("selection=a&selection=b&retenu=b&retirer=1")
    assert (shown(back), back.moved) == (("bc", "a"), "À retirer : « Bêta ». Rien n'est enregistré avant « Valider ».")


def test_validating_saves_the_draft_and_leaves_what_is_only_ticked() -> None:
    lists = after("selection=a&disponible=c&valider=1")
    assert (lists.values, lists.saving) == ({"a"}, True)


def test_an_empty_draft_is_an_empty_selection() -> None:
    assert after("valider=1").values == set()


def test_what_is_no_item_is_left_out() -> None:
    lists = after("selection=z&disponible=y&ajouter=1")
    assert (shown(lists), lists.moved) == (("abc", ""), "")
