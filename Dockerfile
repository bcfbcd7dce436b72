FROM python:3.13-slim-trixie

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
# Its tools make and restore backups; trixie's are of PostgreSQL 17, as the server of docker-compose.yml.
RUN apt-get update -qq && apt-get install -qq -y --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/*
RUN useradd --system --create-home --uid 10001 portail \
    && install -d -o portail -g portail /var/lib/portail/uploads
COPY requirements/core.txt requirements/core.txt
RUN pip install --require-hashes -r requirements/core.txt
COPY . .
# Values for the build alone: nothing of them stays in the image.
RUN ATELIER_ENV=production SECRET_KEY=build ALLOWED_HOSTS=build DATABASE_URL=sqlite:///:memory: \
    REDIS_URL=redis://build SEAL_KEY=build SEAL_CERTIFICATE=build ATELIER_VAR=/tmp python manage.py collectstatic --noinput

# The processes of a container count together: in memory, so that a new one starts from nothing.
ENV ATELIER_ENV=production ATELIER_VAR=/var/lib/portail PROMETHEUS_MULTIPROC_DIR=/dev/shm/metrics
USER portail
EXPOSE 8000
CMD ["gunicorn", "portal.wsgi", "--bind=0.0.0.0:8000", "--worker-class=gthread", "--workers=2", "--threads=8", \
     "--worker-tmp-dir=/dev/shm"]
