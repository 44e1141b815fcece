"""Pictures from the machine's own chromium, through kaleido: one browser, kept warm, one picture at a time."""

from __future__ import annotations

import asyncio
import atexit
import base64
import io
import json
import os
import re
import shutil
import threading
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from PIL import Image

from lagesbild import ExplainedError
from lagesbild.charts.theme import FONT
from lagesbild.figures import picture

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    import plotly.graph_objects as go

    from lagesbild.figures.model import Chart
    from lagesbild.figures.picture import Stamp

#: A picture of a page's width, 16 cm, gets 300 dots an inch.
PRINT_SCALE = 2.4
_DOTS_AN_INCH = picture.SIZES["sida"] * PRINT_SCALE / 16 * 2.54
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_SECONDS = 90.0
_PIXELS_AN_INCH = 96
MISSING = (
    "Bilder kan inte ritas: webbläsaren chromium saknas på servern. Installera den: apt-get install chromium. Under tiden finns CSV och "
    "XLSX, och SVG genom webbläsaren: kameran i diagrammets hörn."
)


NO_FONTS = (
    "Bilder kan inte ritas: servern har inga typsnitt, och all text i bilden skulle saknas. Installera dem: "
    "apt-get install fonts-liberation fonts-dejavu-core."
)


class RenderError(ExplainedError):
    """A picture could not be drawn; the message is Swedish."""


class NoBrowserError(RenderError):
    """There is no chromium on this machine."""


class NoFontsError(RenderError):
    """There is nothing to write with on this machine: chromium draws such a picture, without its texts."""


@dataclass(frozen=True)
class Pictures:
    """A chart's picture in three forms."""

    svg: bytes
    png: bytes
    pdf: bytes


def browser_path() -> str | None:
    """Return the chromium of this machine (``LAGESBILD_CHROMIUM`` names another), or None."""
    named = os.environ.get("LAGESBILD_CHROMIUM")
    # Looked for once a minute: every chart asks, and somebody may install it meanwhile.
    return _found(
        (named,) if named is not None else _PROGRAMS, os.environ.get("PATH", ""), int(time.monotonic() / 60)
    )


@lru_cache(maxsize=16)
def _found(programs: tuple[str, ...], path: str, _minute: int) -> str | None:
    return next((found for name in programs if (found := shutil.which(name, path=path))), None)


class Renderer:
    """A chromium that is started at the first picture and kept until `close`. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._kaleido: Any = None
        self._tab: Any = None

    def available(self) -> bool:
        """Tell whether there is a browser to draw with."""
        return browser_path() is not None

    def pictures(self, chart: Chart, stamp: Stamp | None = None, size: str = "sida") -> Pictures:
        """Draw a chart as SVG, PNG (print resolution) and PDF (tagged).

        Raises
        ------
        NoBrowserError
            Without chromium.
        NoFontsError
            Without fonts.
        RenderError
            If chromium fails twice or takes too long.
        """
        found: Pictures = self._run(lambda: self._draw(chart, stamp, size))
        return found

    def plain(self, figure: go.Figure, width: int) -> bytes:
        """Draw a figure that is not of the register as PNG (print resolution), ``width`` pixels wide; errors as `pictures`."""
        found: bytes = self._run(lambda: self._plain(figure, width))
        return found

    def lines(self, figure: go.Figure, width: int, height: int) -> bytes:
        """Draw a figure as SVG of a size in pixels, to stand in an HTML page that is printed; errors as `pictures`."""
        found: bytes = self._run(lambda: self._lines(figure, width, height))
        return found

    def height(self, html: str, selector: str = "main") -> float:
        """Return how many pixels high the first such element of an HTML page is, 0 without one; errors as `pictures`."""
        found: float = self._run(lambda: self._height(html, selector))
        return found

    def printed(self, html: str) -> bytes:
        """Print an HTML page as a tagged PDF on A4."""
        found: bytes = self._run(lambda: self._print(html))
        return found

    def close(self) -> None:
        """Stop the browser, if it was started."""
        with self._lock:
            self._stop()

    def _run(self, work: Any) -> Any:
        with self._lock:  # one picture at a time: twenty at once wait, and memory holds
            for attempt in (1, 2):
                try:
                    self._start()
                    return self._wait(work())
                except NoBrowserError:
                    raise
                except NoFontsError:
                    self._stop()  # somebody may install them
                    raise
                except Exception as error:
                    self._stop()  # a browser that fell is started anew, once
                    if attempt == 2:
                        raise RenderError(f"Bilden kunde inte ritas: {type(error).__name__}.") from error
        raise AssertionError  # the loop returns or raises

    def _wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        assert self._loop is not None  # noqa: S101 - started above
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_SECONDS)

    def _start(self) -> None:
        if self._kaleido is not None:
            return
        path = browser_path()
        if path is None:
            raise NoBrowserError(MISSING)
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="pictures", daemon=True).start()
        self._wait(self._open(path))
        atexit.register(self.close)

    async def _open(self, path: str) -> None:
        import kaleido  # noqa: PLC0415 - half a second, and only where pictures are drawn

        self._kaleido = kaleido.Kaleido(n=1, timeout=_SECONDS, mathjax=False, path=path)
        await self._kaleido.open()
        self._tab = await self._kaleido.create_tab("about:blank")
        measure = (await self._widths(["Lägesbild"]))(["Lägesbild"], 13, False)
        if not any(measure):
            raise NoFontsError(NO_FONTS)

    def _stop(self) -> None:
        loop, browser = self._loop, self._kaleido
        self._loop = self._kaleido = self._tab = None
        atexit.unregister(self.close)
        if loop is None:
            return
        try:
            if browser is not None:
                asyncio.run_coroutine_threadsafe(browser.close(), loop).result(10)
        except Exception:  # noqa: S110 - it has already fallen
            pass
        loop.call_soon_threadsafe(loop.stop)

    async def _draw(self, chart: Chart, stamp: Stamp | None, size: str) -> Pictures:
        width, height = picture.plot_size(chart, size)
        plot = await self._kaleido.calc_fig(
            chart.figure, opts={"format": "svg", "width": width, "height": height}
        )
        texts = [chart.title, chart.subtitle, *picture.footnotes(chart), stamp.line if stamp else ""]
        widths = await self._widths(sorted({word for text in texts for word in [" ", *text.split(" ")]}))
        svg = picture.compose(chart, plot, size, stamp, widths)
        found = re.search(r"width='(\d+)' height='(\d+)'", svg)
        assert found is not None  # noqa: S101 - compose writes it
        wide, high = int(found[1]), int(found[2])
        await self._show(picture.page(svg, chart))
        await self._send(
            "Emulation.setDeviceMetricsOverride",
            {"width": wide, "height": high, "deviceScaleFactor": PRINT_SCALE, "mobile": False},
        )
        png = await self._send("Page.captureScreenshot", {"format": "png"})
        pdf = await self._send(
            "Page.printToPDF", _paper(wide / _PIXELS_AN_INCH, high / _PIXELS_AN_INCH) | {"pageRanges": "1"}
        )
        return Pictures(
            svg.encode(), _print_ready(base64.b64decode(png["data"])), base64.b64decode(pdf["data"])
        )

    async def _plain(self, figure: go.Figure, width: int) -> bytes:
        height = int(figure.layout.height or 360)
        size = {"width": width, "height": height, "scale": PRINT_SCALE}
        found: bytes = await self._kaleido.calc_fig(figure, opts={"format": "png", **size})
        return found

    async def _lines(self, figure: go.Figure, width: int, height: int) -> bytes:
        found: bytes = await self._kaleido.calc_fig(
            figure, opts={"format": "svg", "width": width, "height": height}
        )
        return found

    async def _height(self, html: str, selector: str) -> float:
        await self._show(html)
        script = f"document.querySelector({json.dumps(selector)})?.getBoundingClientRect().height ?? 0"
        found = await self._send("Runtime.evaluate", {"expression": script, "returnByValue": True})
        return float(found["result"]["value"])

    async def _print(self, html: str) -> bytes:
        await self._show(html)
        pdf = await self._send("Page.printToPDF", {**_paper(8.27, 11.69), "preferCSSPageSize": True})
        return base64.b64decode(pdf["data"])

    async def _show(self, html: str) -> None:
        tree = await self._send("Page.getFrameTree", {})
        await self._send(
            "Page.setDocumentContent", {"frameId": tree["frameTree"]["frame"]["id"], "html": html}
        )

    async def _widths(self, words: Sequence[str]) -> picture.Measure:
        """Measure every word in every size that the picture uses, in one call."""
        styles = [(size, bold) for size in (12, 13, 17, 20) for bold in (False, True)]
        fonts = [f"{'700 ' if bold else ''}{size}px {FONT}" for size, bold in styles]
        script = (
            "(() => { const pen = document.createElement('canvas').getContext('2d'); "
            f"return {json.dumps(fonts)}.map(font => {{ pen.font = font; "
            f"return {json.dumps(words)}.map(word => pen.measureText(word).width); }}); }})()"
        )
        found = await self._send("Runtime.evaluate", {"expression": script, "returnByValue": True})
        known = {
            style: dict(zip(words, row, strict=True))
            for style, row in zip(styles, found["result"]["value"], strict=True)
        }
        return lambda texts, size, bold: [known[size, bold][text] for text in texts]

    async def _send(self, command: str, parameters: dict[str, Any]) -> dict[str, Any]:
        answer = await self._tab.send_command(command, parameters)
        if "result" not in answer:
            raise RuntimeError(f"{command}: {answer.get('error')}")
        found: dict[str, Any] = answer["result"]
        return found


def _print_ready(png: bytes) -> bytes:
    """Return a picture with its size in print, in few enough colours that a thousand of them take little room."""
    found = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        few = image.convert("RGB").quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        few.save(found, "png", dpi=(_DOTS_AN_INCH, _DOTS_AN_INCH))
    return found.getvalue()


def _paper(width: float, height: float) -> dict[str, Any]:
    margins = {f"margin{side}": 0 for side in ("Top", "Bottom", "Left", "Right")}
    return {
        "printBackground": True,
        "paperWidth": width,
        "paperHeight": height,
        "generateTaggedPDF": True,
        **margins,
    }


#: The one browser of this process.
RENDERER = Renderer()
