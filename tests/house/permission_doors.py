"""The simulator's tools where there is no demo: behind a class code, by whoever is in a copy, or in none."""

from collections.abc import Iterator

from django.test import Client, override_settings
from django.urls import reverse
from pytest_django import Settings

from accounts.models import Mail
from tests.conftest import NOW
from tests.house.permission_lists import Marks
from tests.house.permissions import ADDRESSES, POSTED, UNKNOWN, WORDS, Answers, Asked, Line, answer, path_of
from tests.house.world import World
from tests.people import logged_in

CODE = "Brest-2027"
# Column → who that is.
DOORS = {
    "n": "visitor, where there is no class code either",
    "v": "visitor who has not given the code",
    "c": "visitor who has",
    "A": "administrator of an enterprise that is in no copy",
    "k": "somebody of the copy K",
    "s": "staff who may see people, and nothing else",
    "t": "trainer who has not given the code",
    "T": "trainer who has",
}
WITHOUT = ("n", "v", "t")


def clients(world: World) -> dict[str, Client]:
    """Return a browser for each kind; needs the code to be set."""
    from sandbox.models import Copy

    brune = Copy.objects.order_by("number")[0].enterprises.get().enterprise.establishments.get().users.get(
        first_name="Brune"
    )  # fmt: skip
    people = {
        "A": world.people["A"],
        "k": brune,
        "s": world.people["s"],
        "t": world.people["T"],
        "T": world.people["T"],
    }
    found = {kind: logged_in(people[kind]) if kind in people else Client() for kind in DOORS}
    for kind, client in found.items():
        if kind not in WITHOUT:
            client.post(reverse("sandbox:class_code"), {"code": CODE})
    return found


def objects_of(world: World) -> tuple[dict[str, dict[str, Asked]], Marks]:
    """Plant a mail and a letter of two copies, K and L, and of no copy, O. Return what to ask, and the marks."""
    from sandbox.documents import card_token
    from sandbox.models import Advance, Letter
    from tests.factories.notifications import NotificationFactory
    from tests.sandbox.copies import load

    copies = dict(zip("KL", load("candidat-jour-14", 2), strict=True))
    places = {"O": world.cast.company.head_office}
    places |= {letter: copy.enterprises.get().enterprise.establishments.get() for letter, copy in copies.items()}
    advance = Advance.objects.create(
        label="x", from_at=NOW, to_at=NOW.replace(day=25), reached_at=NOW.replace(day=25), landed_at=NOW, status="done"
    )
    found: dict[str, dict[str, Asked]] = {
        "sandbox:advance_detail": {"": (advance.pk,)},
        "sandbox:mission_detail": {"": ("notification",)},
        "sandbox:board_export": {"": ("csv",)},
        "sandbox:persona_switch": {"the demo's": ("aubepine-admin",)},
    }
    marks = Marks({})
    for letter, place in places.items():
        address = f"boite-{letter}@exemple.example".casefold()
        marks.texts[letter] = {address, place.siret}
        mail = Mail.objects.create(
            recipient=address, siren=place.enterprise_id, sender="x", subject="x", text="x", html="<p>x</p>",
            created_at=NOW.replace(day=21),
        )  # fmt: skip
        posted = Letter.objects.create(
            decision=NotificationFactory(decision__establishment=place).decision, addressee=address, siret=place.siret,
            posted_at=NOW, arrives_on=NOW.date(), facts={},
        )  # fmt: skip
        rows = {"mail_detail": mail, "mail_body": mail, "letter_detail": posted, "letter_document": posted}
        for page, row in rows.items():
            found.setdefault(f"sandbox:{page}", {})[f"{letter}'s"] = (row.pk,)
        box = f"{reverse('sandbox:mailbox_detail')}?adresse={address}"
        found.setdefault("sandbox:mailbox_detail", {})[f"{letter}'s"] = box
    for letter, copy in copies.items():
        marks.texts[letter].add(card_token(copy).casefold())
        for page in ("copy_reset", "board_rate", "board_candidate"):
            found.setdefault(f"sandbox:{page}", {})[f"{letter}'s"] = (copy.pk,)
        found.setdefault("sandbox:card_detail", {})[f"{letter}'s"] = (card_token(copy),)
        found["sandbox:persona_switch"][f"{letter}'s"] = (f"{copy.pk}-brune",)
        cards = f"{reverse('sandbox:copy_cards')}?copie={copy.pk}"
        found.setdefault("sandbox:copy_cards", {})[f"{letter}'s"] = cards
    return found, marks


def behind_doors(world: World, settings: Settings, only: str = "") -> Iterator[tuple[Line, Answers]]:
    """Ask for every tool. only: a page."""
    settings.DEMO, settings.CLASS_CODE = False, CODE
    objects, marks = objects_of(world)
    browsers = clients(world)
    for name, kinds in ADDRESSES.items():
        if not name.startswith("sandbox:") or (only and name != only):
            continue
        asked = dict(objects.get(name, {} if kinds else {"": WORDS.get(name, ())}))
        if kinds:
            asked["none"] = tuple(UNKNOWN[kind] for kind in kinds)
        for whose, args in asked.items():
            for method in ("GET", "POST"):
                answers = {}
                for kind, client in browsers.items():
                    data = POSTED.get(name) if method == "POST" else None
                    # Undone each time: the fixture would lay one layer of settings over the other, a thousand deep.
                    with override_settings(CLASS_CODE="" if kind == "n" else CODE):
                        answers[kind] = answer(client, method, path_of(name, args), data, marks)
                yield (name, whose, method), answers
