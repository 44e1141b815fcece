"""Many readers at once: real sessions over Streamlit's connection, that click through all public pages.

``python -m benchmarks.load --sessions 50 --seconds 300`` serves the shipped figures by itself, and says what each page
took until it stood still, what of the server's processor time it took, errors, and memory before and after. Midway
through each number of readers new figures are published, as an ingest does it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import psutil

from benchmarks.visit import Visit
from lagesbild.config import Settings
from pipelines.publish import next_vintage, single_writer
from pipelines.run import prepare
from pipelines.work_out import forget, work_out_if_needed
from tests.serving import dashboard_alone

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: What readers open, and what they have chosen there.
PAGES = (
    ("", "flik=utveckling"), ("", "flik=driver"), ("", "flik=jamfort"), ("", "flik=typer"), ("vad-sticker-ut", ""),
    ("jamfor", "med=1881"), ("alla-kommuner", ""), ("jamforelsegrupp", ""), ("trender", ""), ("hotspots", ""),
    ("medborgarloften", ""), ("svar", "flik=citerade"), ("datakallor", ""), ("metod", ""), ("ordlista", ""),
)  # fmt: skip
#: Half of the readers are at home; the others spread over these.
_HOME = "1861"
OTHERS = ("1880", "1881", "1882", "0180", "1280", "0980", "2506", "0114", "1480", "2480")
#: Seconds between what one reader does and does next, on average.
_PAUSE = 2.0
#: Seconds after which a process has imported all and got all ready that it does after its start (`lagesbild.cli.start`).
SETTLED = 25.0
_SEED = 1861


@dataclass
class Load:
    """What was seen: seconds until a page stood still by page, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)

    @property
    def all(self) -> list[float]:
        """All of them."""
        return [one for own in self.seconds.values() for one in own]


def server_of(port: int) -> psutil.Process:
    """Return the process that listens at a port."""
    listening = (
        one.pid
        for one in psutil.net_connections("tcp")
        if one.status == psutil.CONN_LISTEN and one.laddr and one.laddr.port == port and one.pid
    )
    return psutil.Process(next(listening))


@contextmanager
def served(processes: int = 1) -> Iterator[tuple[Settings, list[str]]]:
    """Serve the shipped figures from a home of their own by so many processes; gives the settings and addresses."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder))
        with single_writer(settings):
            prepare(settings)
            work_out_if_needed(settings)
        with ExitStack() as stack:
            addresses = [stack.enter_context(dashboard_alone(settings.home)) for _ in range(processes)]
            time.sleep(SETTLED)
            yield settings, addresses


def publish(home: str) -> None:
    """Publish as an ingest does that brought figures: what rests on them is forgotten, and worked out anew."""
    os.nice(10)  # as in deploy/systemd/lagesbild-hamta.service
    settings = Settings(home=Path(home))
    with single_writer(settings):
        with next_vintage(settings) as connection:
            forget(connection)
        work_out_if_needed(settings)


async def _publish_after(seconds: float, settings: Settings) -> None:
    await asyncio.sleep(seconds)
    program = "import sys; from benchmarks.load import publish; publish(sys.argv[1])"
    one = await asyncio.create_subprocess_exec(sys.executable, "-c", program, str(settings.home))
    if await one.wait():
        raise RuntimeError("nothing was published")


async def readers(
    settings: Settings, addresses: Sequence[str], sessions: int, seconds: float, pause: float = _PAUSE
) -> Load:
    """Let so many read for so long, each by one of the processes, as a proxy would let them; midway is published."""
    load, chance = Load(), random.Random(_SEED)
    end = time.monotonic() + seconds
    own = [random.Random(chance.random()) for _ in range(sessions)]
    await asyncio.gather(
        _publish_after(seconds / 2, settings),
        *(_reader(addresses[n % len(addresses)], load, one, end, pause) for n, one in enumerate(own)),
    )
    return load


async def _reader(address: str, load: Load, chance: random.Random, end: float, pause: float) -> None:
    await asyncio.sleep(chance.random() * pause)
    code = _HOME if chance.random() < 0.5 else chance.choice(OTHERS)
    try:
        async with Visit.begin(address) as visit:
            while time.monotonic() < end:
                page, query = chance.choice(PAGES)
                drawn = await visit.go(page, f"kommun={code}&{query}")
                load.seconds[f"{page}?{query}"].append(drawn.seconds)
                load.errors += drawn.errors
                await asyncio.sleep(chance.uniform(0.5, 1.5) * pause)
    except Exception as error:  # one reader's trouble is counted, and stops no other
        load.errors.append(f"{type(error).__name__}: {error}")


def soaked(addresses: Sequence[str], visits: int, at_once: int = 20) -> list[str]:
    """Let so many come, look at one page and leave; returns what went wrong."""
    chance = random.Random(_SEED)

    async def one(address: str, turn: asyncio.Semaphore, load: Load) -> None:
        async with turn:
            page, query = chance.choice(PAGES)
            try:
                async with Visit.begin(address) as visit:
                    load.errors += (await visit.go(page, f"kommun={_HOME}&{query}")).errors
            except Exception as error:
                load.errors.append(f"{type(error).__name__}: {error}")

    async def every() -> Load:
        load, turn = Load(), asyncio.Semaphore(at_once)
        await asyncio.gather(*(one(addresses[n % len(addresses)], turn, load) for n in range(visits)))
        return load

    return asyncio.run(every()).errors


def told(load: Load) -> str:
    """Say how long pages took."""
    if not load.all:
        return "inga sidor"
    half, most = np.percentile(load.all, [50, 95])
    return f"p50 {half:.2f} s, p95 {most:.2f} s, {len(load.all)} sidor, {len(load.errors)} fel"


def cost_of_each(address: str) -> Iterator[str]:
    """Say what of the processor each page takes when it has been opened before, dearest first."""
    process = server_of(int(address.rsplit(":", 1)[1]))

    async def every() -> dict[str, float]:
        found = {}
        async with Visit.begin(address) as visit:
            for page, query in PAGES:
                for _ in range(2):
                    await visit.go(page, f"kommun={_HOME}&{query}")
                before = sum(process.cpu_times()[:2])
                for _ in range(5):
                    await visit.go(page, f"kommun={_HOME}&{query}")
                found[f"{page}?{query}"] = (sum(process.cpu_times()[:2]) - before) / 5
        return found

    for name, seconds in sorted(asyncio.run(every()).items(), key=lambda item: -item[1]):
        yield f"  {seconds * 1000:5.0f} ms processortid: {name}"


def lines(
    sessions: Sequence[int] = (5, 20, 50), seconds: float = 60, visits: int = 200, processes: int = 2
) -> Iterator[str]:
    """Give the benchmark's lines."""
    with served(processes) as (settings, addresses):
        yield "Vad en sida kostar när den har visats förut:"
        yield from cost_of_each(addresses[0])
        for number in sessions:
            load = asyncio.run(readers(settings, addresses, number, seconds))
            yield f"{number} läsare i {seconds:.0f} s, {processes} processer: {told(load)}, {_memory(addresses):.0f} MB"
            yield from (f"  fel: {error[:200]}" for error in sorted(set(load.errors))[:5])
        before = _memory(addresses)
        wrong = soaked(addresses, visits)
        yield f"{visits} korta besök: {before:.0f} MB före, {_memory(addresses):.0f} MB efter, {len(wrong)} fel"


def _memory(addresses: Sequence[str]) -> float:
    """Return the megabytes of the processes together."""
    return sum(server_of(int(one.rsplit(":", 1)[1])).memory_info().rss for one in addresses) / 1e6


def main() -> None:
    """Run it by itself."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, nargs="+", default=[5, 20, 50])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--visits", type=int, default=200)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    for line in lines(options.sessions, options.seconds, options.visits, options.processes):
        print(line)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
