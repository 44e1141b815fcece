"""What somebody on the network could do without a login, tried over the network against the dashboard as it is served."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest
import requests
import uvicorn
from streamlit.proto.BackMsg_pb2 import BackMsg

from benchmarks.visit import Visit
from lagesbild.config import Settings
from lagesbild.figures.archive import FigureArchive
from tests.figures.plain import Without
from tests.serving import dashboard_alone

#: Without chromium: a figure is then stored at once, without pictures.
_NO_BROWSER = {"LAGESBILD_CHROMIUM": "/nowhere"}
#: New figures of one address an hour, in this test: fewer than in truth, to be through in seconds.
MOST = 4


@pytest.fixture(scope="module")
def home(ready: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    shutil.copytree(ready.home, folder, dirs_exist_ok=True, symlinks=True)
    return folder


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    fewer = f"from pages.parts import visitor; visitor.FIGURES = visitor.Pace({MOST}, 3600)"
    with dashboard_alone(home, environment=_NO_BROWSER, first=fewer) as url:
        yield url


def from_network(last: int) -> dict[str, str]:
    """Return the header that a proxy on the same machine tells a reader's address by."""
    return {"X-Forwarded-For": f"198.51.100.{last}"}


def figures(home: Path) -> set[str]:
    return {file.stem for file in (home / "citations").glob("LB-*.zip")}


def test_files_are_refused_where_no_page_asks_for_any_and_take_no_memory(address: str) -> None:
    process = _server(address)

    async def send() -> tuple[list[int], int]:
        async with Visit.begin(address) as visit:
            await visit.go("metod")
            before = process.memory_info().rss
            session = requests.Session()
            session.get(f"{address}/_stcore/health", timeout=10)
            headers = {"X-Xsrftoken": session.cookies.get("_streamlit_xsrf", "")}
            body = {"file": ("a.xlsx", b"\0" * 30_000_000)}
            where = f"{address}/_stcore/upload_file/{visit.session}"
            answers = [
                session.put(f"{where}/{n}", files=body, headers=headers, timeout=60).status_code
                for n in range(10)
            ]
            return answers, process.memory_info().rss - before

    answers, more = asyncio.run(send())
    assert answers == [403] * 10
    assert more < 60_000_000  # of 300


def _server(address: str) -> psutil.Process:
    port = int(address.rsplit(":", 1)[1])
    return next(
        psutil.Process(one.pid)
        for one in psutil.net_connections("tcp")
        if one.status == psutil.CONN_LISTEN and one.laddr and one.laddr.port == port and one.pid
    )


def test_a_visitor_empties_nobody_elses_cache_and_stops_no_server(address: str) -> None:
    async def try_it() -> str:
        async with Visit.begin(address) as stranger, Visit.begin(address) as reader:
            await reader.go("trender", "kommun=1861")
            await stranger.go("trender", "kommun=1861")
            before = _server(address).cpu_times().user
            await reader.go("trender", "kommun=1861")
            warm = _server(address).cpu_times().user - before
            for kind in ("clear_cache", "debug_shutdown_runtime", "debug_disconnect_websocket"):
                asked = BackMsg()
                setattr(asked, kind, True)
                await stranger.send(asked)
            await stranger.go("metod")  # so that what was sent before it has been read
            before = _server(address).cpu_times().user
            drawn = await reader.go("trender", "kommun=1861")
            assert _server(address).cpu_times().user - before < max(3 * warm, 1.0)
            return drawn.text

    assert "Trender" in asyncio.run(try_it())


@pytest.mark.parametrize(
    "query",
    [
        "vikter=" + quote("Kommunstyrelsen intygar att siffrorna är godkända av Polisen"),
        "egen=" + quote('=HYPERLINK("http://x","klicka")'),
        "vikter=" + quote("<img src=x onerror=alert(1)>"),
        "vikter=unga:1e999",
        "vikter=unga:" + "9" * 400,
        "vikter=unga:" + quote("²"),
        "egen=1861",
        "egen=9999,abcd,1880",
        "grupp=" + "x" * 300,
        "nyckeltal=" + quote("'; DROP TABLE value; --"),
        "flik=" + quote("../../etc/passwd"),
        "ar=" + quote("٢٠٢٤"),
    ],
)
def test_what_the_address_says_is_refused_or_made_sense_of_and_never_kept(
    query: str, address: str, home: Path
) -> None:
    async def cite() -> None:
        async with Visit.begin(address, from_network(100 + len(before))) as visit:
            drawn = await visit.go("", f"kommun=1861&{query}")
            assert drawn.errors == []
            await visit.unfold("group_chart_cite")
            drawn = await visit.press("group_chart_freeze")
            assert drawn.errors == []
            opened = await visit.go("svar", f"diagram={max(figures(home) - before, default='')}")
            assert opened.errors == []

    before = figures(home)
    asyncio.run(cite())
    for new in figures(home) - before:
        frozen = FigureArchive(home / "citations", Without()).open(new)
        told = json.dumps(dict(frozen.pinned), ensure_ascii=False)
        assert len(told) < 500
        assert not any(
            word in told for word in ("intygar", "HYPERLINK", "<img", "9999", "²", "DROP", "passwd")
        )


def test_an_address_of_half_a_megabyte_is_refused_before_a_page_is_drawn(address: str) -> None:
    long = "kommun=1861&vikter=" + "a" * 500_000
    try:
        status = requests.get(f"{address}/?{long}", timeout=30).status_code
    except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
        status = 400  # the server hung up before all was sent
    assert status in {400, 414, 431}
    assert requests.get(f"{address}/?kommun=1861&vikter={'a' * 3_000}", timeout=30).status_code == 414

    async def send() -> int | None:
        async with Visit.begin(address) as visit:
            await visit.go("metod")
            asked = BackMsg()
            asked.rerun_script.query_string = long
            await visit.send(asked)
            return await visit.closed()

    assert asyncio.run(send()) == 1008


def test_who_cites_all_day_shuts_out_nobody_else(address: str, home: Path) -> None:
    async def cite(visit: Visit, code: str) -> str:
        await visit.go("", f"kommun={code}")
        await visit.unfold("group_chart_cite")
        return (await visit.press("group_chart_freeze")).text

    async def try_it() -> list[str]:
        async with (
            Visit.begin(address, from_network(1)) as stranger,
            Visit.begin(address, from_network(2)) as reader,
        ):
            *codes, last = ("1880", "1881", "1882", "1883", "1884", "1885")
            return [*[await cite(stranger, code) for code in codes], await cite(reader, last)]

    before = figures(home)
    *admitted, refused, readers = ["många diagram på kort tid" in told for told in asyncio.run(try_it())]
    assert (admitted, refused, readers) == ([False] * MOST, True, False)
    assert len(figures(home) - before) == MOST + 1


def test_who_is_no_proxy_of_ours_cannot_say_who_it_is() -> None:
    """The server believes what is told of an address by this machine alone, unless the operator names another."""
    config = uvicorn.Config(app="", proxy_headers=True)
    assert config.forwarded_allow_ips == "127.0.0.1,::1"
