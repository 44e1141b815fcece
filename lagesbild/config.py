"""Settings: ``lagesbild.toml`` and ``LAGESBILD_...`` variables become one frozen object."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import platformdirs

from lagesbild.swedish import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_CHECKOUT = Path(__file__).resolve().parents[1]
#: The folder of ``dashboard.py``, ``pages``, ``data`` and ``docs``: the checkout, or where a wheel puts them.
ROOT = _CHECKOUT if (_CHECKOUT / "dashboard.py").is_file() else Path(__file__).resolve().parent / "installed"
REFERENCE_FOLDER = ROOT / "data" / "reference"
SNAPSHOT_FOLDER = ROOT / "data" / "snapshot"

#: What the sources are told where no organisation is set.
NOBODY = "Lagesbild, kommunal brottsstatistik"

_INTEGERS = ("port", "vintages_kept", "mail_port", "public_figures_mb", "all_figures_mb")
_TEXTS = (
    "home_municipality",
    "organisation",
    "contact_email",
    "contact_phone",
    "address",
    "public_address",
    "login_metadata",
    "login_client",
    "login_secret",
    "login_claim",
    "login_roles",
    "mail_server",
    "mail_tls",
    "mail_from",
    "mail_to",
    "mail_user",
    "mail_password",
    "alarm_to",
    "webhook",
)
_FLAGS = ("all_crime_types", "demo")
_VARIABLES = {
    "home_municipality": "LAGESBILD_KOMMUN",
    "organisation": "LAGESBILD_ORGANISATION",
    "contact_email": "LAGESBILD_CONTACT_EMAIL",
    "contact_phone": "LAGESBILD_CONTACT_PHONE",
    "address": "LAGESBILD_ADDRESS",
    "public_address": "LAGESBILD_PUBLIC_ADDRESS",
    "login_metadata": "LAGESBILD_LOGIN_METADATA",
    "login_client": "LAGESBILD_LOGIN_CLIENT",
    "login_secret": "LAGESBILD_LOGIN_SECRET",
    "login_claim": "LAGESBILD_LOGIN_CLAIM",
    "login_roles": "LAGESBILD_LOGIN_ROLES",
    "mail_server": "LAGESBILD_MAIL_SERVER",
    "mail_port": "LAGESBILD_MAIL_PORT",
    "mail_tls": "LAGESBILD_MAIL_TLS",
    "mail_from": "LAGESBILD_MAIL_FROM",
    "mail_to": "LAGESBILD_MAIL_TO",
    "mail_user": "LAGESBILD_MAIL_USER",
    "mail_password": "LAGESBILD_MAIL_PASSWORD",
    "alarm_to": "LAGESBILD_ALARM_TO",
    "webhook": "LAGESBILD_WEBHOOK",
    "port": "LAGESBILD_PORT",
    "vintages_kept": "LAGESBILD_VINTAGES_KEPT",
    "public_figures_mb": "LAGESBILD_PUBLIC_FIGURES_MB",
    "all_figures_mb": "LAGESBILD_ALL_FIGURES_MB",
    "all_crime_types": "LAGESBILD_ALL_CRIME_TYPES",
    "demo": "LAGESBILD_DEMO",
}
_PREFIX, _BASE_URL_PREFIX = "LAGESBILD_", "LAGESBILD_BASE_URL_"
#: Variables that are read where they are needed, or name files and folders.
_OTHER_VARIABLES = ("LAGESBILD_HOME", "LAGESBILD_SNAPSHOT", "LAGESBILD_CONFIG", "LAGESBILD_CHROMIUM")


class SettingsError(ValueError):
    """A setting is missing, misspelt or impossible; the message says which and what to do."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that may differ between two installations.

    ``home`` is where a run writes (warehouse, archive, state); nothing is written elsewhere.
    ``home_municipality`` is a code or a name; `lagesbild.data.municipality.code_of` gives the code.
    ``organisation`` answers for the dashboard, and tells the sources who asks; ``contact_email`` and ``contact_phone``
    are where readers reach it: all three stand on the page on accessibility.
    ``address`` is what the dashboard listens on: this machine alone unless something else is chosen.
    ``public_address`` is where readers reach the dashboard, for QR codes; empty where it has none.
    ``public_figures_mb``: megabytes of cited figures that readers have made and nobody has used; ``all_figures_mb``: of
    all cited figures, beyond which only those who are logged in may cite.
    ``all_crime_types``: BRÅ's whole tree of crime types is fetched, not only the standard ones.
    ``demo``: invented local data are shown instead of the municipality's own.
    ``login_metadata``, ``login_client``, ``login_secret``: the municipality's own login (OpenID Connect), if it has
    one: the address of the provider's metadata, and what it knows this installation by. ``login_claim`` is what it
    tells a person's roles or groups in, ``login_roles`` what each is here: ``grupp=coordinator annan=viewer``.
    ``mail_server``, ``mail_port``, ``mail_tls`` (``starttls``, ``tls`` or ``none``), ``mail_from``, ``mail_to`` (addresses
    set apart by commas): where news of the home municipality are mailed, if at all. ``mail_user`` (default ``mail_from``)
    and ``mail_password``: where the server asks for them.
    ``alarm_to`` (addresses set apart by commas) and ``webhook`` (an address that takes JSON with a ``text``): who is told
    that something failed. The webhook's address is a secret.
    """

    home: Path
    snapshot_folder: Path = SNAPSHOT_FOLDER
    home_municipality: str = "1861"
    organisation: str = NOBODY
    contact_email: str = ""
    contact_phone: str = ""
    address: str = "127.0.0.1"
    public_address: str = ""
    port: int = 8501
    vintages_kept: int = 10
    public_figures_mb: int = 500
    all_figures_mb: int = 5_000
    all_crime_types: bool = False
    demo: bool = False
    login_metadata: str = ""
    login_client: str = ""
    login_secret: str = field(default="", repr=False)
    login_claim: str = "roles"
    login_roles: str = ""
    mail_server: str = ""
    mail_port: int = 587
    mail_tls: str = "starttls"
    mail_from: str = ""
    mail_to: str = ""
    mail_user: str = ""
    mail_password: str = field(default="", repr=False)
    alarm_to: str = ""
    webhook: str = field(default="", repr=False)
    base_urls: Mapping[str, str] = field(default_factory=dict)

    @property
    def sender(self) -> str:
        """Who answers for the dashboard; empty where nobody has said."""
        return "" if self.organisation == NOBODY else self.organisation

    @property
    def mail_recipients(self) -> tuple[str, ...]:
        """The addresses that news are mailed to, each once."""
        return _addresses(self.mail_to)

    @property
    def alarm_recipients(self) -> tuple[str, ...]:
        """The addresses that are told what failed, each once."""
        return _addresses(self.alarm_to)

    @property
    def base_path(self) -> str:
        """The folder of ``public_address`` (``/lagesbild``) that everything is served under; empty at the root."""
        return urlsplit(self.public_address).path.rstrip("/")

    @property
    def warehouse_folder(self) -> Path:
        """Folder with the warehouse vintages and the pointer to the current one."""
        return self.home / "warehouse"

    @property
    def archive_folder(self) -> Path:
        """Folder with every raw response, compressed and named by its content."""
        return self.home / "archive"

    @property
    def state_file(self) -> Path:
        """SQLite file with runs, calls and the index of the archive."""
        return self.home / "state.sqlite"

    @property
    def local_file(self) -> Path:
        """SQLite file with the municipality's own signals and decisions; of a demonstration, with invented ones."""
        return self.home / ("demo.sqlite" if self.demo else "local.sqlite")

    @property
    def citations_folder(self) -> Path:
        """Folder with the frozen figures, one file each."""
        return self.home / "citations"

    @property
    def templates_folder(self) -> Path:
        """Folder where the municipality may put its own ``svar.docx`` and ``logo.png``."""
        return self.home / "templates"

    @property
    def drafts_folder(self) -> Path:
        """Folder with answers that are being written."""
        return self.home / "drafts"

    @property
    def derived_folder(self) -> Path:
        """Folder with results that take long to compute and can be computed again."""
        return self.home / "derived"


def _addresses(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.strip() for one in text.split(",") if one.strip()))


def check_base_url(url: str) -> str:
    """Return ``url`` without trailing slash, or raise `SettingsError` if it is no http(s) address."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except (ValueError, TypeError, AttributeError):
        sound = False
    if not sound:
        raise SettingsError(f"Adressen {url!r} är inte en giltig http- eller https-adress.")
    return url.rstrip("/")


def settings_stamp() -> tuple[object, ...]:
    """Return what changes when the settings of this process do: its variables, and the file and its time."""
    file = _settings_file(None, os.environ)
    stat = file.stat() if file is not None and file.exists() else None
    variables = sorted((name, os.environ[name]) for name in os.environ if name.startswith(_PREFIX))
    return (*variables, file, stat and (stat.st_mtime_ns, stat.st_size), Path.cwd())


def load_settings(file: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read settings; the environment wins over the file, the file over the defaults.

    Parameters
    ----------
    file
        Path of a TOML file. Default: ``LAGESBILD_CONFIG``, else ``lagesbild.toml`` in the working
        folder, else the one in the repository; none of them need exist.
    environment
        Variables to read; default the process's own.

    Raises
    ------
    SettingsError
        For a file that cannot be read, an unknown key or an impossible value.
    """
    environment = os.environ if environment is None else environment
    values = _read_file(_settings_file(file, environment))
    for name, variable in _VARIABLES.items():
        if environment.get(variable):
            values[name] = environment[variable]
    base_urls = values.pop("base_urls", {})
    if not isinstance(base_urls, dict):
        raise SettingsError(
            "Inställningen base_urls måste vara en tabell: [base_urls] och en rad för varje källa."
        )
    base_urls = dict(base_urls)
    for variable, url in environment.items():
        if variable.startswith(_BASE_URL_PREFIX):
            base_urls[variable.removeprefix(_BASE_URL_PREFIX).lower()] = url
    home = _path("home", environment.get("LAGESBILD_HOME") or values.pop("home", None))
    snapshot = _path("snapshot", environment.get("LAGESBILD_SNAPSHOT") or values.pop("snapshot", None))
    values = {name: value for name, value in values.items() if name not in {"home", "snapshot"}}
    return Settings(
        home=home or platformdirs.user_data_path("lagesbild"),
        snapshot_folder=snapshot or SNAPSHOT_FOLDER,
        base_urls={source: check_base_url(url) for source, url in base_urls.items()},
        **_checked(values),
    )


def unknown_variables(environment: Mapping[str, str] | None = None) -> list[str]:
    """Return a Swedish line for every ``LAGESBILD_...`` variable that is none of ours.

    They are told but do not stop anything, unlike unknown settings in the file: the environment may be
    shared with an older or newer version, or with a script's own variables.
    """
    environment = os.environ if environment is None else environment
    known = (*_VARIABLES.values(), *_OTHER_VARIABLES)
    return [
        f"okänd miljövariabel: {name}, den används inte.{did_you_mean(name, known)}"
        for name in sorted(environment)
        if name.startswith(_PREFIX) and not name.startswith(_BASE_URL_PREFIX) and name not in known
    ]


def _settings_file(file: Path | None, environment: Mapping[str, str]) -> Path | None:
    named = file or (Path(environment["LAGESBILD_CONFIG"]) if "LAGESBILD_CONFIG" in environment else None)
    if named is not None:
        if not named.is_file():
            raise SettingsError(f"Inställningsfilen {named} finns inte.")
        return named
    candidates = (Path.cwd() / "lagesbild.toml", ROOT / "lagesbild.toml")
    return next((path for path in candidates if path.is_file()), None)


def _read_file(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(f"Inställningsfilen {file} kan inte läsas: {error}.") from error


def _is_plain(text: object) -> bool:
    return isinstance(text, str) and bool(text.strip()) and text.isprintable()


def _path(name: str, text: object) -> Path | None:
    """Return a path without ``~`` and relative parts, so that every process means the same place."""
    if text is None:
        return None
    try:
        if not _is_plain(text):
            raise ValueError
        return Path(str(text)).expanduser().resolve()
    except (ValueError, RuntimeError):
        raise SettingsError(f"Inställningen {name} är ingen sökväg: {text!r}.") from None


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the variables that give another process these very settings, wherever it is started."""
    values = {variable: str(getattr(settings, name)) for name, variable in _VARIABLES.items()}
    urls = {f"{_BASE_URL_PREFIX}{source.upper()}": url for source, url in settings.base_urls.items()}
    folders = {"LAGESBILD_HOME": str(settings.home), "LAGESBILD_SNAPSHOT": str(settings.snapshot_folder)}
    return values | urls | folders


def _integer(name: str, value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        raise SettingsError(f"Inställningen {name} måste vara ett heltal.") from None


def _flag(name: str, value: object) -> bool:
    words = {"true": True, "false": False, "1": True, "0": False}
    if str(value).lower() not in words:
        raise SettingsError(f"Inställningen {name} måste vara true eller false.")
    return words[str(value).lower()]


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(values) - set(_INTEGERS) - set(_TEXTS) - set(_FLAGS))
    if unknown:
        known = (*_INTEGERS, *_TEXTS, *_FLAGS, "home", "snapshot", "base_urls")
        raise SettingsError(f"Okänd inställning: {', '.join(unknown)}.{did_you_mean(unknown[0], known)}")
    readers: dict[str, Callable[[str, object], int]] = {}
    readers |= dict.fromkeys(_INTEGERS, _integer) | dict.fromkeys(_FLAGS, _flag)
    for name, read in readers.items():
        if name in values:
            values[name] = read(name, values[name])
    for name in _TEXTS:
        if name in values and not _is_plain(values[name]):
            raise SettingsError(f'Inställningen {name} måste vara text inom citattecken, som {name} = "...".')
    for name in ("login_metadata", "public_address", "webhook"):
        if values.get(name):
            values[name] = check_base_url(values[name])
    _check_range(values)
    email = values.get("contact_email", "")
    if email and not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+", email):
        raise SettingsError(f"Inställningen contact_email är ingen e-postadress: {email!r}.")
    _check_mail(values)
    if "home_municipality" in values:
        values["home_municipality"] = _municipality(values["home_municipality"])
    return values


def _check_range(values: Mapping[str, Any]) -> None:
    if not 1 <= values.get("port", 8501) <= 65535:
        raise SettingsError("Inställningen port måste ligga mellan 1 och 65535.")
    if values.get("vintages_kept", 1) < 1:
        raise SettingsError("Inställningen vintages_kept måste vara minst 1.")
    for name in ("public_figures_mb", "all_figures_mb"):
        if values.get(name, 10) < 10:
            raise SettingsError(f"Inställningen {name} måste vara minst 10.")


_MAIL_TLS = ("starttls", "tls", "none")
_MAIL_ADDRESS = re.compile(r"[^@\s,<>\"]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


def _check_mail(values: Mapping[str, Any]) -> None:
    """Refuse settings that no mail can be sent with, and a password that would go unencrypted over a net."""
    # Port and encryption have defaults, which another process of ours is told, too.
    given = {name for name in values if name.startswith("mail_")} - {"mail_port", "mail_tls"}
    needed = ("mail_server", "mail_from", *(() if values.get("alarm_to") else ("mail_to",)))
    lacking = [name for name in needed if not values.get(name)]
    if (given or values.get("alarm_to")) and lacking:
        raise SettingsError(f"För att något ska kunna mejlas behövs också {', '.join(lacking)}.")
    for name in ("mail_from", "mail_to", "alarm_to"):
        for address in _addresses(str(values.get(name, ""))):
            if not _MAIL_ADDRESS.fullmatch(address):
                raise SettingsError(f"Inställningen {name}: {address!r} är ingen mejladress.")
    if values.get("mail_tls", _MAIL_TLS[0]) not in _MAIL_TLS:
        raise SettingsError(
            f"Inställningen mail_tls måste vara {', '.join(_MAIL_TLS[:-1])} eller {_MAIL_TLS[-1]}."
        )
    if not 1 <= values.get("mail_port", 587) <= 65535:
        raise SettingsError("Inställningen mail_port måste ligga mellan 1 och 65535.")
    if values.get("mail_password") and values.get("mail_tls") == "none":
        raise SettingsError("mail_password skickas inte okrypterat: välj mail_tls starttls eller tls.")


def _municipality(text: str) -> str:
    """Return a code with its leading zero, or a name as it stands: only the warehouse knows the names."""
    text = " ".join(text.split())
    if re.fullmatch(r"[0-9]{3,4}", text):
        return text.zfill(4)
    if re.fullmatch(r"[^\W\d_][^\d_]{0,59}", text):
        return text
    raise SettingsError(
        "Inställningen home_municipality måste vara en kommunkod med fyra siffror eller kommunens namn."
    )
