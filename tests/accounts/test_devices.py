"""What a browser says of itself, in plain words."""

import pytest

from accounts.rules.devices import device

WINDOWS, MAC, LINUX = "Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 14_5", "X11; Linux x86_64"
IPHONE, IPAD = "iPhone; CPU iPhone OS 17_5 like Mac OS X", "iPad; CPU OS 17_5 like Mac OS X"
ANDROID = "Linux; Android 14; Pixel 8"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
CHROME = f"{WEBKIT} Chrome/125.0 Safari/537.36"


@pytest.mark.parametrize(
    ("system", "rest", "words"),
    [
        (WINDOWS, "Gecko/20100101 Firefox/126.0", "Firefox sous Windows"),
        (WINDOWS, f"{CHROME} Edg/125.0", "Edge sous Windows"),
        (WINDOWS, f"{CHROME} OPR/110.0", "Opera sous Windows"),
        (LINUX, CHROME, "Chrome sous Linux"),
        (ANDROID, CHROME, "Chrome sous Android"),
        (MAC, f"{WEBKIT} Version/17.5 Safari/605.1", "Safari sous Mac"),
        (IPHONE, f"{WEBKIT} Version/17.5 Mobile/15E148 Safari/604.1", "Safari sous iPhone"),
        (IPAD, f"{WEBKIT} Version/17.5 Mobile/15E148 Safari/604.1", "Safari sous iPad"),
    ],
)
def test_a_browser_and_its_system_are_named(system: str, rest: str, words: str) -> None:
    """Edge and Opera also say « Chrome », which says « Safari »; an iPhone says « Mac OS », Android « Linux »."""
    assert device(f"Mozilla/5.0 ({system}) {rest}") == words


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [("Firefox/126.0", "Firefox"), ("Windows", "Windows"), ("curl/8.5", "Appareil inconnu"), ("", "Appareil inconnu")],
)
def test_what_is_not_said_is_left_out(user_agent: str, words: str) -> None:
    assert device(user_agent) == words
