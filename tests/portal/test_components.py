"""The components, drawn alone, and the frame around every page."""

import re
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.contrib.messages import get_messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpRequest
from django.template import engines
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django.asserts import assertHTMLEqual

from accounts.models import ImportFile, User
from portal.gallery import STATES, icon_names
from portal.kit import french
from portal.kit.decision import Decision
from portal.kit.paging import Page
from tests.people import logged_in

TEMPLATES = Path(settings.TEMPLATES[0]["DIRS"][0])
COMPONENTS = sorted((TEMPLATES / "components").glob("*.html"))


def drawn(component: str, /, **arguments: Any) -> str:
    """Return a component's HTML for these arguments, on one line; no-break spaces stay."""
    given = " ".join(f"{key}={key}" for key in arguments)
    source = f'{{% include "components/{component}.html" {"with " + given if given else ""} only %}}'
    return re.sub(r"[ \n]+", " ", engines["django"].from_string(source).render(arguments)).strip()


def words(html: str) -> str:
    """Return the text of a piece of HTML, as it is read."""
    return re.sub(r" +", " ", unescape(re.sub(r"<[^>]+>", " ", html))).strip()


class SampleForm(forms.Form):
    siret = forms.CharField(label="SIRET", help_text="14 chiffres.")
    note = forms.CharField(label="Remarque", required=False)
    answer = forms.ChoiceField(label="Décision", choices=[("yes", "Accord"), ("no", "Refus")], widget=forms.RadioSelect)
    terms = forms.BooleanField(label="J'accepte")


# Every component ------------------------------------------------------------
@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.stem)
def test_a_component_says_first_what_it_is(path: Path) -> None:
    assert path.read_text().removeprefix("{% load l10n %}\n").startswith("{% comment %}\n  ")


def test_the_gallery_shows_every_component() -> None:
    """Those of STATES one by one; a table's head inside the pattern of a table; the icons by their own list."""
    patterns = "".join(path.read_text() for path in (TEMPLATES / "portal/patterns").glob("*.html"))
    in_patterns = set(re.findall(r"components/([\w-]+)\.html", patterns))
    whole = {path.stem for path in COMPONENTS if not path.stem.startswith("_")}
    assert whole - set(STATES) - in_patterns == set()
    assert set(STATES) - whole == set()


def test_every_icon_named_in_a_template_is_drawn() -> None:
    sources = [path.read_text() for path in TEMPLATES.rglob("*.html")]
    named = {
        name
        for source in sources
        for name in re.findall(r'components/icon\.html"(?: with)? name="([\w-]+)"', source)
        + re.findall(r' icon="([\w-]+)"', source)
    }
    assert named - set(icon_names()) == set()


@pytest.mark.parametrize("name", icon_names())
def test_an_icon_is_a_picture_that_is_not_read_out(name: str) -> None:
    html = drawn("icon", name=name)
    assert html.count("<svg") == 1
    assert 'aria-hidden="true"' in html
    assert "<path" in html


# States ---------------------------------------------------------------------
def test_the_badge_is_absent_at_zero() -> None:
    """G5.2."""
    assert drawn("badge", count=0) == ""


@pytest.mark.parametrize(
    ("count", "figure", "text"),
    [(1, "1", "1\N{NO-BREAK SPACE}notification non lue"), (99, "99", "99\N{NO-BREAK SPACE}notifications non lues")],
)
def test_the_badge_hides_its_figure_and_says_it_in_words(count: int, figure: str, text: str) -> None:
    """G5.2."""
    assertHTMLEqual(
        drawn("badge", count=count),
        f'<span class="badge" aria-hidden="true">{figure}</span><span class="visually-hidden">{text}</span>',
    )


def test_the_badge_stops_counting_at_a_hundred() -> None:
    assert words(drawn("badge", count=100)) == "99+ plus de 99\N{NO-BREAK SPACE}notifications non lues"


@pytest.mark.parametrize(
    ("state", "label"), [("unread", "Non lue"), ("read", "Lue"), ("archived", "Archivée"), ("deleted", "Supprimée")]
)
def test_each_state_of_a_notification_has_its_chip(state: str, label: str) -> None:
    html = drawn("status_notification", state=state)
    assert words(html) == label
    assert html.count("<svg") == 1


@pytest.mark.parametrize(
    ("state", "label"), [("available", "Non notifiée"), ("consulted", "Notifiée"), ("deemed", "Réputée notifiée")]
)
def test_each_legal_state_has_its_chip(state: str, label: str) -> None:
    assert words(drawn("status_legal", state=state)) == label


@pytest.mark.parametrize("status", ImportFile.Status)
def test_each_status_of_an_import_has_its_chip(status: ImportFile.Status) -> None:
    assert words(drawn("status_import", status=status.value)) == status.label


@pytest.mark.parametrize(("outcome", "tone"), [("OK", "success"), ("OK partiel", "warning"), ("KO", "error")])
def test_each_outcome_has_its_tone(outcome: str, tone: str) -> None:
    html = drawn("outcome", outcome=outcome)
    assert words(html) == outcome
    assert f"chip--{tone}" in html


def test_a_file_that_waits_has_no_outcome() -> None:
    assert drawn("outcome", outcome="") == ""


@pytest.mark.parametrize("kind", ["info", "success", "warning", "error"])
def test_an_alert_carries_its_kind_its_title_and_its_text(kind: str) -> None:
    html = drawn("alert", kind=kind, title="Titre", text="Une phrase <b>.")
    assert f"alert--{kind}" in html
    assert words(html) == "Titre Une phrase <b>."


# Forms ----------------------------------------------------------------------
def test_a_field_has_a_label_and_a_hint_linked_to_its_control() -> None:
    html = drawn("field", field=SampleForm()["siret"])
    assert '<label for="id_siret">SIRET</label>' in html
    assert '<p class="field__hint" id="id_siret_helptext">14 chiffres.</p>' in html
    assert 'aria-describedby="id_siret_helptext"' in html


def test_a_wrong_field_says_so_to_its_control() -> None:
    html = drawn("field", field=SampleForm({})["siret"])
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_siret_helptext id_siret_error"' in html
    assert re.search(r'id="id_siret_error">.*?Ce champ est obligatoire\.', html)


def test_only_what_may_stay_empty_is_called_facultatif() -> None:
    form = SampleForm()
    assert [field.name for field in form if "facultatif" in drawn("field", field=field)] == ["note"]


def test_radios_are_a_group_described_by_their_error() -> None:
    html = drawn("field", field=SampleForm({})["answer"])
    assert html.startswith('<fieldset class="field field--error" aria-describedby="id_answer_error">')
    assert "<legend>Décision</legend>" in html
    assert " checked" not in html


def test_each_line_of_the_error_summary_leads_to_its_control() -> None:
    form = SampleForm({})
    form.add_error(None, "Rien ne va.")
    html = drawn("error_summary", form=form)
    page = "".join(drawn("field", field=field) for field in form)
    targets = re.findall(r'href="#([^"]+)"', html)
    assert targets == ["id_siret", "id_answer_0", "id_terms"]
    assert all(re.search(rf'<input [^>]*id="{target}"', page) for target in targets)
    assert "<li>Rien ne va.</li>" in html
    assert 'tabindex="-1"' in html


@pytest.mark.parametrize("data", [None, {"siret": "1", "answer": "yes", "terms": "on"}])
def test_a_form_without_error_has_no_summary(data: dict[str, str] | None) -> None:
    assert drawn("error_summary", form=SampleForm(data)) == ""


# Lists, work, refusals --------------------------------------------------------
def test_the_breadcrumb_ends_with_the_page_itself() -> None:
    html = drawn("breadcrumb", items=[("Accueil", "/"), ("Ici", "")])
    assert re.findall(r'<a href="([^"]*)">(.*?)</a>', html) == [("/", "Accueil")]
    assert '<span aria-current="page">Ici</span>' in html


@pytest.mark.parametrize(
    ("previous", "following", "links"),
    [
        (None, None, []),
        (None, "?apres=W10", [("?apres=W10", "next")]),
        ("?avant=W10", None, [("?avant=W10", "prev")]),
        ("?avant=W10", "?apres=W10", [("?avant=W10", "prev"), ("?apres=W10", "next")]),
    ],
)
def test_the_pager_leads_to_the_pages_there_are(
    previous: str | None, following: str | None, links: list[tuple[str, str]]
) -> None:
    html = drawn("pager", page=Page(items=(), next_url=following, previous_url=previous))
    assert re.findall(r'href="([^"]*)" rel="(\w+)"', html) == links
    assert ("<nav" in html) == bool(links)


def test_an_empty_list_offers_a_way_on_only_when_there_is_one() -> None:
    assert "<a " not in drawn("empty", title="Rien", text="Rien encore.")
    assert 'href="/la"' in drawn("empty", title="Rien", text="Rien encore.", action_label="Aller", action_url="/la")


def test_progress_says_its_figures_and_gives_them_to_the_bar() -> None:
    html = drawn("progress", done=1200, total=20000, label="Taux publiés")
    assert '<progress aria-label="Taux publiés" value="1200" max="20000">' in html
    assert "1\N{NARROW NO-BREAK SPACE}200 sur 20\N{NARROW NO-BREAK SPACE}000" in html


def test_progress_towards_an_unknown_total_has_no_figure() -> None:
    html = drawn("progress", done=0, total=0, label="Lecture")
    assert '<progress aria-label="Lecture"></progress>' in html
    assert " sur " not in html


def test_a_refusal_gives_the_reason_the_remedy_and_the_rule() -> None:
    full = Decision(allowed=False, rule="G0.2", reason="Parce que.", remedy="Demandez.")
    assert "Règle G0.2 du guide" in drawn("refusal", decision=full)
    assert "Parce que." in drawn("refusal", decision=full)
    assert "Demandez." in drawn("refusal", decision=full)
    bare = drawn("refusal", decision=Decision(allowed=False, reason="Parce que."))
    assert "Règle" not in bare
    assert "Que faire" not in bare


def test_the_step_chart_is_an_image_with_a_title_and_decimal_points() -> None:
    """A French comma in an attribute would break the drawing."""
    point = {"x": 60.5, "y": 20.25, "label": "2027", "value": "2,10 %", "crowded": False}
    chart = SimpleNamespace(
        title="Taux",
        width=680,
        height=220,
        path="M60.5 20.25H200",
        beside="",
        points=[point],
        ticks_x=[],
        ticks_y=[{"position": 1.5, "label": "1"}],
    )
    html = drawn("step_chart", chart=chart, name="one")
    assert 'role="img" aria-labelledby="one-title"' in html
    assert '<title id="one-title">Taux</title>' in html
    assert 'cx="60.5" cy="20.25"' in html
    assert 'y1="1.5"' in html
    assert "chart__legend" not in html


# The frame ----------------------------------------------------------------------
WARNING = "données fictives, ne saisissez jamais un vrai mot de passe."


def test_every_page_says_that_it_is_a_simulator_and_which_day_it_is(client: Client) -> None:
    page = client.get("/").content.decode()
    assert page.index(WARNING) < page.index("<header")
    assert "Jour du portail&nbsp;: 20 janvier 2027" in page
    assert '<html lang="fr">' in page
    assert '<meta name="robots" content="noindex, nofollow">' in page
    assert '<a class="skip-link" href="#contenu">' in page
    assert 'id="contenu"' in page
    assert "<title>Accueil – Atelier AT/MP</title>" in page


@pytest.mark.parametrize("template", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html", "507.html"])
def test_an_error_page_needs_no_request(template: str) -> None:
    page = render_to_string(template)
    assert WARNING in page
    assert f'href="{reverse("portal:home")}"' in page


def test_the_title_says_first_that_a_form_is_wrong() -> None:
    assert "<title>Erreur&nbsp;: " in render_to_string(
        "account/login.html", {"form": SampleForm({}), "redirect_field": ""}
    )
    assert "<title>Connexion" in render_to_string("account/login.html", {"form": SampleForm(), "redirect_field": ""})


def header(page: str) -> str:
    return page[page.index("<header") : page.index("</header>")]


def test_a_visitor_is_led_to_the_log_in(client: Client) -> None:
    """G5.1."""
    html = header(client.get("/").content.decode())
    assert re.search(r'<a href="/connexion/">Votre compte</a>', html)
    assert "Me déconnecter" not in html


def test_a_person_sees_who_he_is_and_at_which_siret(administrator: User) -> None:
    html = header(logged_in(administrator).get("/").content.decode())
    assert "Anaïs Le Goff" in html
    assert administrator.establishment
    assert f"SIRET {french.siret(administrator.establishment.siret)}" in html
    assert '<a href="/menu/">Votre compte</a>' in html
    assert '<form method="post" action="/deconnexion/">' in html


def test_staff_has_its_own_links(staff: User) -> None:
    page = logged_in(staff).get("/").content.decode()
    assert "SIRET" not in header(page)
    assert '<a href="/gestion/">Gestion</a>' in header(page)
    assert '<a href="/composants/">Composants</a>' in page


def test_a_message_may_carry_an_undo_button(rf: RequestFactory, administrator: User) -> None:
    """G5.6: what was archived or deleted by mistake comes back."""
    page = page_with_message(rf.get("/"), administrator, "undo:/notifications/7/retablir/")
    assert '<form method="post" action="/notifications/7/retablir/">' in page
    assert "alert--success" in page


def test_an_ordinary_message_has_no_undo_button(rf: RequestFactory, administrator: User) -> None:
    page = page_with_message(rf.get("/"), administrator, "")
    assert "Archivée." in page
    assert "Annuler" not in page


def page_with_message(request: HttpRequest, user: User, extra_tags: str) -> str:
    request.user = user
    request.csp_nonce = "x"  # type: ignore[attr-defined]
    request.session = {}  # type: ignore[assignment]
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
    get_messages(request).add(25, "Archivée.", extra_tags)  # type: ignore[attr-defined]
    return render_to_string("portal/home.html", request=request)


# The gallery ----------------------------------------------------------------------
def test_the_gallery_is_for_staff(client: Client, staff: User, administrator: User) -> None:
    gallery = reverse("portal:gallery")
    assert logged_in(staff).get(gallery).status_code == 200
    assert logged_in(administrator).get(gallery).status_code == 404
    assert client.get(gallery).status_code == 302


def test_the_gallery_prints_the_lines_that_drew_its_examples(staff: User) -> None:
    page = logged_in(staff).get(reverse("portal:gallery")).content.decode()
    assert "{% include &quot;components/badge.html&quot; with count=1 only %}" in page
    assert "1\N{NO-BREAK SPACE}notification non lue" in page
