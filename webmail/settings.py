"""The site's settings: safe by default, everything an operator changes comes from the environment."""

from __future__ import annotations

import base64
import hashlib
import secrets
import warnings
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from . import csp, staticfiles
from .environment import SettingMissing, flag, loopback_hosts, number, secret, text, words

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(text("POSTERN_DATA", str(BASE_DIR / "var")))

# "demo" (make run), "test" (pytest) or "production". Nothing but production is meant to be reached from outside.
MODE = text("POSTERN_MODE", "production")
if MODE not in {"demo", "test", "production"}:
    raise SettingMissing(f"POSTERN_MODE is {MODE!r}; it must be demo, test or production.")
PRODUCTION = MODE == "production"
DEBUG = False


def _made_up(name: str) -> str | None:
    """Outside production a secret is made once and kept in the data folder, so that sign-ins outlive a restart."""
    if PRODUCTION:
        return None
    path = DATA_DIR / "secrets" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48), encoding="utf-8")
    return path.read_text(encoding="utf-8")


SECRET_KEY = secret("POSTERN_SECRET_KEY", _made_up("secret-key"))


def _master_keys() -> dict[str, bytes]:
    """`kid:base64` pairs, newest first; the first one seals, all of them open (credential-1)."""
    made_up = _made_up("master-key")
    if made_up is not None and not text("POSTERN_MASTER_KEYS"):
        return {"local": hashlib.sha256(made_up.encode()).digest()}
    keys = {}
    for pair in secret("POSTERN_MASTER_KEYS", None).replace("\n", ",").split(","):
        kid, _, value = pair.strip().partition(":")
        key = base64.b64decode(value, validate=True)
        if not kid or len(key) != 32:
            raise SettingMissing("POSTERN_MASTER_KEYS must be kid:base64 of 32 random bytes, several with commas.")
        keys[kid] = key
    return keys


POSTERN_MASTER_KEYS = _master_keys()

SITE_URL = text("POSTERN_SITE_URL", "" if PRODUCTION else "http://localhost:8025").rstrip("/")
if not SITE_URL:
    raise SettingMissing("POSTERN_SITE_URL is not set. Give the address people open, such as https://mail.example.org.")
SITE_HOST = urlsplit(SITE_URL).hostname or ""
if PRODUCTION and urlsplit(SITE_URL).scheme != "https":
    raise SettingMissing("POSTERN_SITE_URL must begin with https:// in production.")
if urlsplit(SITE_URL).path or urlsplit(SITE_URL).query:
    # It is an origin: cookies, the worker's policy and the check of forms are bound to it as it stands.
    raise SettingMissing("POSTERN_SITE_URL must have no path; the site lives at the root of its host.")
ALLOWED_HOSTS = words("POSTERN_ALLOWED_HOSTS", SITE_HOST)
if "*" in ALLOWED_HOSTS:
    # The websocket's origin check falls to an absent Origin when every host is allowed.
    raise SettingMissing("POSTERN_ALLOWED_HOSTS must not be *; name the hosts.")
CSRF_TRUSTED_ORIGINS = [SITE_URL] if PRODUCTION else []

INSTALLED_APPS = [
    "webmail.apps.WebmailConfig",
    "portal.apps.PortalConfig",
    "keys.apps.KeysConfig",
    "accounts.apps.AccountsConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_celery_beat",
    "axes",
    "csp",
    "channels",
]
MIDDLEWARE = [
    "csp.middleware.CSPMiddleware",
    "webmail.headers.headers_middleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.AccountMiddleware",
    "webmail.trouble.TroubleMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "webmail.urls"
ASGI_APPLICATION = "webmail.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "webmail.context.site",
                "keys.context.key_ring",
            ],
        },
    }
]

# --- what is kept ---
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if text("POSTERN_DATABASE_URL"):
    _url = urlsplit(text("POSTERN_DATABASE_URL"))
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(_url.path.lstrip("/")),
            "USER": unquote(_url.username or ""),
            "PASSWORD": unquote(_url.password or "") or text("POSTERN_DATABASE_PASSWORD"),
            "HOST": _url.hostname or "",
            "PORT": str(_url.port or ""),
            # sslmode and whatever else libpq knows: left out in silence, somebody's TLS would be.
            "OPTIONS": dict(parse_qsl(_url.query)),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    }
elif PRODUCTION:
    raise SettingMissing("POSTERN_DATABASE_URL is not set. Give postgresql://user@host/name.")
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "postern.sqlite3",
            "CONN_MAX_AGE": 60,
            # Several threads of one process write: wait for the lock, take it at the start, and let readers go on.
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;",
            },
            "TEST": {"NAME": str(DATA_DIR / "test.sqlite3")},
        }
    }

REDIS_URL = text("POSTERN_REDIS_URL")
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, float]
if PRODUCTION and not REDIS_URL:
    raise SettingMissing("POSTERN_REDIS_URL is not set. Give redis://host:6379/0.")
if REDIS_URL:
    # channels-redis waits five seconds at a time, which is redis-py's own limit for an answer: one of them must give.
    _redis = {"address": REDIS_URL, "socket_timeout": 20}
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [_redis]}}}
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
    CELERY_BROKER_URL = REDIS_URL
    # Whoever presses Send waits for the broker. The sweep finds what it did not take, so one try is enough (measured:
    # without this a broker that is down costs 6 seconds, and one that does not answer minutes).
    CELERY_BROKER_TRANSPORT_OPTIONS = {"max_retries": 0, "socket_connect_timeout": 3}
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    CELERY_BROKER_URL = "memory://localhost"
    # The in-memory broker is polled; a second between looks would be felt at every Send.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"polling_interval": 0.05}
CELERY_TASK_IGNORE_RESULT = True
# Brokers lose tasks and workers die: the rows say what is due, and the beat offers it again (design D17).
CELERY_BEAT_SCHEDULE = {
    "offer what is overdue in the outbox": {"task": "webmail.tasks.sweep", "schedule": 30.0},
    "end what stayed open too long": {"task": "keys.tasks.sweep", "schedule": 300.0},
    "erase what ended sessions left": {"task": "accounts.tasks.sweep", "schedule": 3600.0},
}
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"

# --- who may come in ---
AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "accounts.backends.MailServerBackend",
    "django.contrib.auth.backends.ModelBackend",
]
LOGIN_URL = "accounts:sign_in"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AXES_FAILURE_LIMIT = number("POSTERN_SIGN_IN_TRIES", 8)
AXES_COOLOFF_TIME = timedelta(minutes=number("POSTERN_SIGN_IN_WAIT_MINUTES", 15))
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
# Not on success: signing in to an account of one's own would wipe what was counted at others'. Ours is narrower.
AXES_RESET_ON_SUCCESS = False
AXES_USERNAME_CALLABLE = "accounts.throttle.name_of"
AXES_CLIENT_IP_CALLABLE = "accounts.throttle.place_of"
AXES_LOCKOUT_CALLABLE = "accounts.throttle.locked_out"
AXES_ENABLE_ADMIN = True
AXES_VERBOSE = False

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_SECONDS = number("POSTERN_SESSION_IDLE_MINUTES", 120) * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
CSRF_USE_SESSIONS = False
CSRF_FAILURE_VIEW = "webmail.views.errors.csrf"
if PRODUCTION:
    # __Host-: bound to this very host, over TLS, from the root path.
    SESSION_COOKIE_NAME = "__Host-postern_session"
    CSRF_COOKIE_NAME = "__Host-postern_csrf"
    SHARE_COOKIE_NAME = "__Host-postern_share"
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 63072000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = flag("POSTERN_HSTS_PRELOAD")
    SECURE_SSL_REDIRECT = flag("POSTERN_HTTPS_REDIRECT", True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("POSTERN_BEHIND_PROXY") else None
else:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME, SHARE_COOKIE_NAME = "postern_session", "postern_csrf", "postern_share"

# --- mail servers ---
# Plain text to a mail server exists for the demo's own server on loopback, and for nothing else.
ALLOW_PLAIN_LOOPBACK = MODE in {"demo", "test"}
ONLY_LISTED_DOMAINS = flag("POSTERN_ONLY_LISTED_DOMAINS", MODE == "demo")
MAIL_CA_FILE = text("POSTERN_MAIL_CA_FILE") or None
# No discovery leaves the machine where everything is on it.
DISCOVERY = MODE == "production" or flag("POSTERN_DISCOVERY")
# The one way out (keys/outbound.py). Outside production nothing leaves the machine but for names that lead back to it.
OUTBOUND = PRODUCTION and flag("POSTERN_OUTBOUND", True)
OUTBOUND_HOSTS = loopback_hosts("POSTERN_OUTBOUND_HOSTS") if not PRODUCTION else {}
# Addresses of recipients and signers that one person may ask certificates for.
LOOKUPS_A_MINUTE = number("POSTERN_LOOKUPS_A_MINUTE", 600)
MESSAGE_LIMIT = number("POSTERN_MESSAGE_LIMIT_MB", 50) * 1024 * 1024
# Outside the database, so that a restored one is noticed (webmail/restored.py). Tests empty theirs all the time.
_mark = text("POSTERN_MARK", "" if MODE == "test" else str(DATA_DIR / "outbox-mark"))
OUTBOX_MARK = Path(_mark) if _mark else None
# How long a pressed Send can be taken back by people who chose nothing else.
UNDO_SECONDS = min(number("POSTERN_UNDO_SECONDS", 0 if MODE == "test" else 5), 30)
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024

# --- static files: served byte for byte as written, under a path that names the build ---
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_BUILD = staticfiles.build_number(BASE_DIR / "static")
STATIC_URL = f"/static/{STATIC_BUILD}/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_ADD_HEADERS_FUNCTION = staticfiles.add_headers
WHITENOISE_IMMUTABLE_FILE_TEST = staticfiles.is_immutable
WHITENOISE_ALLOW_ALL_ORIGINS = False
# WhiteNoise hands whole small files over from a thread; Django warns about the plain iterator.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")

# --- what the browser may do ---
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        **csp.PAGE,
        "script-src": [*csp.PAGE["script-src"], staticfiles.import_map_source(BASE_DIR / "static", STATIC_URL)],
    }
}
# Not no-referrer: that would make browsers send "Origin: null" with forms, which the CSRF check refuses.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- language and time ---
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": text("POSTERN_LOG_LEVEL", "WARNING")},
}
