"""Refusals are heard while somebody listens, each once, and by nobody else."""

import pytest

from portal.kit.decision import ALLOWED, MOST_HEARD, Decision, decided, listening, refusals

NO = Decision(allowed=False, rule="G0.1", reason="Non.")


@decided
def ask(answer: Decision) -> Decision:
    return answer


class Scope:
    decision = NO


def test_a_refusal_is_heard_once_and_a_permission_never() -> None:
    with listening():
        assert (ask(NO), ask(NO), ask(ALLOWED)) == (NO, NO, ALLOWED)
        assert refusals() == [NO]


def test_what_has_a_decision_is_heard_by_it() -> None:
    with listening():
        assert decided(Scope)().decision == NO
        assert refusals() == [NO]


def test_nobody_hears_outside_and_a_listener_begins_with_nothing() -> None:
    ask(NO)
    assert refusals() == []
    with listening():
        ask(NO)
        with listening():
            assert refusals() == []
        assert refusals() == [NO]
    assert refusals() == []


@pytest.mark.parametrize("count", [1, 10_000])
def test_a_long_list_is_heard_by_its_first_ones(count: int) -> None:
    with listening():
        for number in range(count):
            ask(Decision(allowed=False, reason=str(number)))
        assert [one.reason for one in refusals()] == [str(number) for number in range(min(count, MOST_HEARD))]
