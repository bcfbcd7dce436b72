"""A component drawn once is the same as one included."""

import pytest
from django.template import Context, Template

from portal.templatetags import components


def rendered(source: str, **values: str) -> str:
    return Template("{% load components %}" + source).render(Context(values)).strip()


def test_a_component_is_drawn_as_an_include_would_be() -> None:
    drawn = rendered('{% component "components/chip.html" tone="info" icon="eye" label=label %}', label="Lu & <vu>")
    included = '{% include "components/chip.html" with tone="info" icon="eye" label=label only %}'
    assert drawn == rendered(included, label="Lu & <vu>")
    assert "Lu &amp; &lt;vu&gt;" in drawn


def test_each_set_of_values_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    draw, drawn = components.render_to_string, []

    def counted(name: str, values: dict[str, str]) -> str:
        drawn.append(values)
        return draw(name, values)

    monkeypatch.setattr(components, "render_to_string", counted)
    components._drawn.cache_clear()
    for name in ("eye", "bell", "eye", "bell"):
        rendered('{% component "components/icon.html" name=name %}', name=name)
    assert drawn == [{"name": "eye"}, {"name": "bell"}]
