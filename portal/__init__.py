"""The frame: settings, URLs, jobs, dashboard and components. It has no tables."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
