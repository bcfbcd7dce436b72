"""The tag `url`: an address without arguments is found once, wherever the portal is mounted."""

import pytest
from django.template import Context, Template
from django.urls import NoReverseMatch, URLPattern, set_script_prefix
from pytest_django import Settings

from portal.templatetags.addresses import FixedAddress

urlpatterns: list[URLPattern] = []


def kept(source: str) -> bool:
    return isinstance(Template(source).nodelist[0], FixedAddress)


def test_an_address_follows_where_the_portal_is_mounted() -> None:
    template = Template('{% url "portal:home" %}')
    assert [template.render(Context()) for _again in range(2)] == ["/", "/"]
    set_script_prefix("/atelier/")
    try:
        assert template.render(Context()) == "/atelier/"
    finally:
        set_script_prefix("/")
    assert template.render(Context()) == "/"


def test_an_address_follows_the_table_of_addresses(settings: Settings) -> None:
    template = Template('{% url "portal:home" %}')
    assert template.render(Context()) == "/"
    settings.ROOT_URLCONF = __name__
    with pytest.raises(NoReverseMatch):
        template.render(Context())


@pytest.mark.parametrize(
    "source",
    [
        "{% url name %}",
        '{% url "a"|add:name %}',
        '{% url "portal:home" as there %}',
        '{% url "x" 1 %}',
        '{% url "x" pk=1 %}',
    ],
)
def test_an_address_that_depends_on_the_page_is_not_kept(source: str) -> None:
    assert not kept(source)
    assert kept('{% url "portal:home" %}')
