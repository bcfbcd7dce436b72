"""« Accessibilité » says what was looked at and promises nothing else."""

from django.test import Client
from django.utils.html import escape

from portal.accessibility import LIMITS, NONE, TOPICS
from portal.kit.french import typeset


def test_a_visitor_reads_every_topic_of_the_rgaa_and_every_limit(client: Client, db: None) -> None:
    text = client.get("/accessibilite/").content.decode()
    assert [topic.number for topic in TOPICS] == list(range(1, 14))
    for words in (*(topic.name for topic in TOPICS), *LIMITS, NONE):
        assert escape(typeset(words)) in text


def test_no_rate_of_conformity_is_announced(client: Client, db: None) -> None:
    text = " ".join(client.get("/accessibilite/").content.decode().split())
    assert "aucun taux de conformité au RGAA&nbsp;4.1 ne peut donc être annoncé" in text


def test_every_page_leads_there(client: Client, db: None) -> None:
    assert 'href="/accessibilite/"' in client.get("/").content.decode()
