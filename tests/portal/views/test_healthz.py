"""/healthz: the process is alive, and nothing more is asked."""

from django.test import Client


def test_it_answers_without_the_database(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")
