"""Relations between models point down the line of apps (docs/map.md)."""

import pytest
from django.apps import apps
from django.db.models import Model

LINE = ["accounts", "habilitations", "portfolios", "notifications", "portal", "sandbox"]
MODELS = [model for model in apps.get_models() if model._meta.app_label in LINE]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_relation_points_to_its_own_app_or_one_below(model: type[Model]) -> None:
    height = LINE.index(model._meta.app_label)
    targets = {
        field.related_model._meta.app_label
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and field.related_model
    }
    assert {label for label in targets if label in LINE and LINE.index(label) > height} == set()


def test_the_frame_has_no_tables() -> None:
    assert [model for model in MODELS if model._meta.app_label == "portal"] == []
