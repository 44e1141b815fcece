"""The whole of what is served: Streamlit's pages, and beside them logging in and the phone's page."""

from __future__ import annotations

import hmac
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.middleware import Middleware
from streamlit.file_util import get_static_dir
from streamlit.starlette import App

from lagesbild.config import ROOT
from lagesbild.data import municipality, reference
from lagesbild.data.warehouse import Warehouse
from lagesbild.data.warehouse.shown import SHOWN
from lagesbild.signals.database import LocalFile
from lagesbild.web import account, feed, health, phone, shell
from lagesbild.web.base import UnderFolder
from lagesbild.web.compressed import CompressedBundles
from lagesbild.web.first_words import KEPT
from lagesbild.web.guard import Guard
from lagesbild.web.protection import Protected, checksums
from lagesbild.web.uploads import Uploads

if TYPE_CHECKING:
    from lagesbild.config import Settings


def app(settings: Settings) -> App:
    """Return the application of an installation."""
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        names = municipality.names_of(warehouse)
    home = municipality.code_of(settings.home_municipality, names)
    SHOWN.prepare_with(
        "svaret före sidan", lambda vintage: KEPT.work_out(settings.derived_folder, vintage, home)
    )
    return App(
        str(ROOT / "dashboard.py"),
        routes=[
            *health.routes(settings),
            *account.routes(settings),
            *shell.routes(),
            *phone.routes(settings, home, reference.full_name(home, names[home])),
            *feed.routes(settings, home, names),
        ],
        middleware=[
            Middleware(UnderFolder, folder=settings.base_path),
            Middleware(Protected, scripts=_scripts()),
            Middleware(Guard),
            Middleware(Uploads),
            Middleware(account.LandsOnPage),
            Middleware(CompressedBundles),
            Middleware(shell.SpeaksSwedish, home=home, names=names, settings=settings),
        ],
        secrets=_secrets(settings),
    )


def _scripts() -> str:
    """Return the checksums of what stands as a script in Streamlit's page, and of what our own pages put there."""
    ours = (file.read_text("utf-8") for file in sorted((ROOT / "pages" / "parts").glob("*.js")))
    return checksums(Path(get_static_dir(), "index.html").read_text("utf-8"), *ours)


def _secrets(settings: Settings) -> dict[str, Any] | None:
    """Return what Streamlit needs to let the municipality's own login in; None where it has none."""
    if not (settings.login_metadata and settings.login_client and settings.login_secret):
        return None
    public = settings.public_address or f"http://localhost:{settings.port}"
    salt = LocalFile(settings.local_file).salt()
    return {
        "auth": {
            "redirect_uri": f"{public}/oauth2callback",
            "cookie_secret": hmac.digest(salt, b"cookies of the login", "sha256").hex(),
            "client_id": settings.login_client,
            "client_secret": settings.login_secret,
            "server_metadata_url": settings.login_metadata,
        }
    }
