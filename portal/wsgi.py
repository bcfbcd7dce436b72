"""Entry point of a real web server: everything comes from the environment."""

import os

os.environ.setdefault("ATELIER_ENV", "production")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
