"""Settings, all from the environment: see portal/environment.py for the two modes."""

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from notifications.rules.legal import Policy
from portal.environment import PRODUCTION, ROOT, VAR, required, secret_key, stop

env = environ.Env()

SECRET_KEY = secret_key()
# Former keys, while a new one takes over: what they encrypted can still be read.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = ["*"]
if PRODUCTION:
    hosts = required("ALLOWED_HOSTS", "donnez les noms d'hôte servis, séparés par des virgules.")
    # The container's own health check asks for 127.0.0.1.
    ALLOWED_HOSTS = [*hosts.split(","), "127.0.0.1"]
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# The training room stands on the roof: taken away, nothing below misses it.
SANDBOX = env.bool("SANDBOX", default=True)
INSTALLED_APPS = [
    *(["sandbox"] if SANDBOX else []),
    "portal",
    "notifications",
    "portfolios",
    "habilitations",
    "accounts",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "portal.staff.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
]
MIDDLEWARE = [
    "portal.middleware.request_told",
    # Before whatever answers by itself: a redirection to HTTPS and a static file have the same headers as a page.
    "csp.middleware.CSPMiddleware",
    "portal.middleware.response_headers",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.middleware.journal_origin",
    "portal.middleware.session_seen",
    "portal.middleware.refusals_heard",
]
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context_processors.frame",
            ],
            "builtins": [
                "portal.templatetags.french",
                "django.templatetags.static",
                "portal.templatetags.addresses",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Data --------------------------------------------------------------------
try:
    DATABASES = {
        "default": env.db_url_config(
            required("DATABASE_URL", "par exemple postgres://portail:motdepasse@hote/portail.")
            or f"sqlite:///{VAR / 'atelier.sqlite3'}"
        )
    }
except ImproperlyConfigured:
    DATABASES = {}
if not DATABASES.get("default", {}).get("ENGINE"):
    stop("DATABASE_URL ne se lit pas : écrivez-la comme postgres://nom:motdepasse@hote/base.")
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # Writers wait for each other from their first statement: no « database is locked » half-way.
        "transaction_mode": "IMMEDIATE",
        "timeout": 60,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # Compiling a query takes longer than the portal's queries do.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c jit=off")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Uploaded files wait here until a job has read them. Never served.
MEDIA_ROOT = VAR / "uploads"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "portal.kit.upload.TidyUploadHandler",
]
# The largest file an import takes, in bytes: 2.4 million establishments of 200 bytes fit.
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", default=1_000_000_000)
# Lines of an import applied in one transaction.
IMPORT_BATCH_LINES = env.int("IMPORT_BATCH_LINES", default=50_000)

# How a computed rate is rounded, in one place: way (half-up, half-even, down, up), decimals (2 to 4), and when (end, or
# gross: the gross rate too). No rule was found, so a choice; each calculation keeps the one it was made with.
RATE_ROUNDING = env("RATE_ROUNDING", default="half-up/2/end")

# The largest DSN a person deposits, in bytes: it is read while he waits, and never stored.
DSN_MAX_BYTES = env.int("DSN_MAX_BYTES", default=50_000_000)

# The largest file of rights or clients, in bytes.
BULK_MAX_BYTES = env.int("BULK_MAX_BYTES", default=10_000_000)
# Days that an archive of documents is kept once it is made.
ARCHIVE_DAYS = env.int("ARCHIVE_DAYS", default=7)
# Hold a file of rights to what the real portal asks: named as its portfolio, 48 hours after the one before.
BULK_STRICT = env.bool("BULK_STRICT", default=False)

# People ------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backend.PortalBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
# Asked by Django's own pages and commands: those of the staff, and of staff who give a person a password.
AUTH_PASSWORD_VALIDATORS = [{"NAME": "accounts.forms.passwords.PasswordRule"}]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "portal:dashboard"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = "login_key"
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]
ACCOUNT_PRESERVE_USERNAME_CASING = False
# One mailbox may serve several accounts. allauth's first migrations read this: it cannot change later.
ACCOUNT_UNIQUE_EMAIL = False
# Nothing can be used before the address is validated (G3.15). Links live three days of real time.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "portal:home"
# Failures are counted in the database (accounts.models.LoginFailure): a cache flush frees nobody.
# A class of twenty shares one address: its log-ins may come all at once.
# So may its documents be verified. People who share a mailbox may each ask for their validation mail again.
ACCOUNT_RATE_LIMITS = {
    "login_failed": None,
    "login": "300/m/ip",
    "confirm_email": "20/h/key",
    "verify": "120/m/ip",
    "class_code": "30/5m/ip",
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
# Five failures of one account from one source, then a pause, in minutes.
LOGIN_FAILURES_ALLOWED = 5
LOGIN_PAUSE_MINUTES = 15
# A wrong code of a second factor is counted the same way, but per account alone: whoever tries one knows the password.
MFA_ADAPTER = "accounts.adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
# The « renforcé » mode: twelve characters or more of any kind, no secret question. Off, it is the guide's rule (G3.6).
PASSWORD_REINFORCED = env.bool("PASSWORD_REINFORCED", default=False)
# A draft of a registration is kept so many hours of real time.
REGISTRATION_DRAFT_HOURS = 24
# Candidates for administrator: pending at once per establishment, days before a refused one may ask again, letters
# with an activation key per request, keys tried per day (choices).
COOPTATION_PENDING_MAX = env.int("COOPTATION_PENDING_MAX", default=5)
COOPTATION_REFUSED_DAYS = env.int("COOPTATION_REFUSED_DAYS", default=7)
KEY_LETTERS_MAX = env.int("KEY_LETTERS_MAX", default=3)
KEY_TRIES_PER_DAY = 5
# Answers to a secret question tried per day.
ANSWER_TRIES_PER_DAY = 3

# Which reading of the law dates a notification (domain.md, section 3; decision 0015).
try:
    NOTIFICATION_POLICY = Policy(env("NOTIFICATION_POLICY", default=Policy.AVAILABILITY))
except ValueError:
    stop(f"NOTIFICATION_POLICY ne se lit pas : écrivez {', '.join(Policy)}.")

# Whom to ask about a rate: printed in the mails about notifications.
ISSUER_CONTACT = env(
    "ISSUER_CONTACT", default="Caisse fictive de l'Atelier AT/MP, service tarification, tarification@atelier.example"
)
# Seal of the official documents ------------------------------------------
_MAKE_SEAL = "manage.py make_seal en imprime un, d'essai."
SEAL_KEY = required("SEAL_KEY", f"la clé privée P-256 qui scelle les documents, en PEM ou en base64. {_MAKE_SEAL}")
SEAL_CERTIFICATE = required("SEAL_CERTIFICATE", f"le certificat de SEAL_KEY, suivi de ceux au-dessus. {_MAKE_SEAL}")
# Certificates of keys that sealed before: what they sealed is still ours.
SEAL_FORMER_CERTIFICATES = env("SEAL_FORMER_CERTIFICATES", default="")
# Without a key in the environment: one made once, and kept here.
SEAL_FILE = VAR / "seal.pem"
# The largest document that « Vérifier un document » takes, in bytes: ours have 50 000.
VERIFY_MAX_BYTES = 1_000_000

# Time and language -------------------------------------------------------
LANGUAGE_CODE = "fr"
TIME_ZONE = "Europe/Paris"
USE_TZ = True
# Dotted path of a function that says how far the portal's clock is ahead (a timedelta).
CLOCK_OFFSET = "sandbox.clock.offset" if SANDBOX else None

# The training room -------------------------------------------------------
# What it adds to the portal, by dotted paths: pages; a function that says where the simulator bar's link leads this
# request (« » for nowhere); one that returns what stands under the bar, as HTML; one that is handed the letters of
# activation keys when they are printed.
EXTRA_URLS = ["sandbox.urls"] if SANDBOX else []
BAR_LINK = "sandbox.access.bar_link" if SANDBOX else None
BAR_PANEL = "sandbox.panel.bar_panel" if SANDBOX else None
LETTER_COPY = "sandbox.actions.post.keep_copies" if SANDBOX else None
# On a demo instance the tools behind the bar are open to everybody, and one may become any of its people. Elsewhere
# they ask for the class code, and without one they are closed.
DEMO = env.bool("DEMO", default=not PRODUCTION)
CLASS_CODE = env("CLASS_CODE", default="")
# Staff enter « /gestion/ » with a second factor only; a demo instance, whose personas anybody may become, lets them in.
STAFF_MFA = env.bool("STAFF_MFA") if env("STAFF_MFA", default="") else not DEMO
# A letter takes so many days of the portal's clock (a choice).
POST_DAYS = env.int("POST_DAYS", default=3)
# Where the files of scenarios are: those of the project, and whoever runs it may add a folder of his own.
SCENARIO_FOLDERS = [ROOT / "sandbox" / "scenarios", *env.list("SCENARIO_FOLDER", default=[])]
# Seconds a page spends moving the clock; a job goes on with what is left.
CLOCK_PAGE_SECONDS = 3

# Static files and headers ------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = ROOT / "static" if PRODUCTION else None
WHITENOISE_USE_FINDERS = not PRODUCTION
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
# A page runs the scripts that it names with its nonce, no other of this host. Django's own pages know no nonces: see
# portal.staff.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Eight hours without a request, or twelve of any, and one logs in again; so does closing the browser.
SESSION_COOKIE_AGE = 8 * 3600
SESSION_LONGEST_SECONDS = 12 * 3600
HTTPS = env.bool("HTTPS", default=PRODUCTION)
# A browser takes a « __Host- » cookie from this host alone, over HTTPS, for all its paths: no neighbour can plant one.
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid", f"{COOKIE_PREFIX}csrftoken"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
# No script reads it: forms carry their own token.
CSRF_COOKIE_HTTPONLY = True
# A message names people: it waits in the session, not in a cookie that only signs it.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
if ALLAUTH_TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Where the links of mails and letters lead; `manage.py run` puts its own port.
PORTAL_URL = env("PORTAL_URL", default=f"https://{ALLOWED_HOSTS[0]}" if PRODUCTION else "http://localhost:8000")

# Mail: nothing leaves the machine unless an operator names a server -------
# Every message is written down first (accounts.outbox), then sent by a sweep through the server of EMAIL_URL.
vars().update(env.email_url("EMAIL_URL", default="dummymail://"))
MAIL_TRANSPORT = vars()["EMAIL_BACKEND"] if "EMAIL_URL" in env.ENVIRON else ""
EMAIL_BACKEND = "accounts.outbox.OutboxBackend"
EMAIL_SUBJECT_PREFIX = "[SIMULATEUR] "
ACCOUNT_EMAIL_SUBJECT_PREFIX = EMAIL_SUBJECT_PREFIX
# Days of real time that a mail is kept once it was sent or given up, and one to an address that nobody has any more.
MAIL_KEPT_DAYS = env.int("MAIL_KEPT_DAYS", default=180)
MAIL_KEPT_DAYS_NOBODY = env.int("MAIL_KEPT_DAYS_NOBODY", default=15)
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="Atelier AT/MP <ne-pas-repondre@atelier.example>")

# Jobs --------------------------------------------------------------------
REDIS_URL = required("REDIS_URL", "par exemple redis://hote:6379/0.")
CELERY_BROKER_URL = REDIS_URL or "memory://"
# Without a broker the beat runs the sweeps itself, in this process.
CELERY_TASK_ALWAYS_EAGER = not REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A broker may be away for a night: a worker that gave up after its hundred tries would never come back by itself.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Above the longest task; unacknowledged work of a killed worker is looked for every second.
    "visibility_timeout": 120,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 5,
}
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE = {
    # Short intervals where a person waits for the result in front of a page.
    "accounts.tasks.process_register_files": {
        "task": "accounts.tasks.process_register_files",
        "schedule": 3,
        "options": {"expires": 30},
    },
    "accounts.tasks.send_mails": {
        "task": "accounts.tasks.send_mails",
        "schedule": 5,
        "options": {"expires": 30},
    },
    "accounts.tasks.purge_registrations": {
        "task": "accounts.tasks.purge_registrations",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "accounts.tasks.purge_personal_data": {
        "task": "accounts.tasks.purge_personal_data",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "habilitations.tasks.expire_cooptations": {
        "task": "habilitations.tasks.expire_cooptations",
        "schedule": 30,
        "options": {"expires": 60},
    },
    "habilitations.tasks.remind_cooptations": {
        "task": "habilitations.tasks.remind_cooptations",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "portfolios.tasks.check_dsn_access": {
        "task": "portfolios.tasks.check_dsn_access",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "portfolios.tasks.process_bulk_requests": {
        "task": "portfolios.tasks.process_bulk_requests",
        "schedule": 3,
        "options": {"expires": 30},
    },
    "notifications.tasks.tell_legal_dates": {
        "task": "notifications.tasks.tell_legal_dates",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "notifications.tasks.make_archives": {
        "task": "notifications.tasks.make_archives",
        "schedule": 3,
        "options": {"expires": 30},
    },
    "notifications.tasks.process_campaigns": {
        "task": "notifications.tasks.process_campaigns",
        "schedule": 3,
        "options": {"expires": 30},
    },
}
if SANDBOX:
    CELERY_BEAT_SCHEDULE |= {
        name: {"task": name, "schedule": 3, "options": {"expires": 30}}
        for name in ("sandbox.tasks.move_clock", "sandbox.tasks.collect_post", "sandbox.tasks.load_copies")
    }
# Seconds a sweep goes on taking batches before it lets the next one come.
SWEEP_SECONDS = env.int("SWEEP_SECONDS", default=20)
# /readyz says no when a sweep has not ended for so many seconds: each runs twice as often at least.
SWEEP_MAX_AGE_SECONDS = env.int("SWEEP_MAX_AGE_SECONDS", default=120)

# What /metrics asks for (« Authorization: Bearer … »); without it the page does not exist.
METRICS_TOKEN = env("METRICS_TOKEN", default="")

# Logs --------------------------------------------------------------------
# Both formatters leave out what people typed: portal.kit.logs.
LOG_LEVEL = env("LOG_LEVEL", default="WARNING")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "portal.kit.logs.LineFormatter"}, "json": {"()": "portal.kit.logs.JsonFormatter"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": env("LOG_FORMAT", default="json" if PRODUCTION else "line"),
        }
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        # Django's own would send reports by mail.
        "django": {"handlers": [], "level": LOG_LEVEL},
        # One line a request, one for each job that did something.
        "portal.told": {"level": env("LOG_REQUESTS", default="INFO" if PRODUCTION else "WARNING")},
    },
}
DEFAULT_EXCEPTION_REPORTER = "portal.kit.reports.QuietReporter"
