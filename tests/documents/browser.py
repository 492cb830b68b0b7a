"""Headless Chromium, driven over a pipe by its DevTools protocol: no port, no network, no package.

https://chromedevtools.github.io/devtools-protocol/ tells of the methods; each message is an
object of JSON and ends with a zero byte. The browser reads from descriptor 3 and writes to 4.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Browser", "chromium", "found"]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-pipe"),
)
#: A program that becomes another, with its pipes as 3 and 4: by way of numbers that are neither.
_BECOME = """
import os, sys
ends = [os.dup2(int(end), 100 + place) for place, end in enumerate(sys.argv[1:3])]
for place, end in enumerate(ends):
    os.dup2(end, 3 + place)
os.execv(sys.argv[3], sys.argv[3:])
"""


def found() -> str | None:
    """Return where Chromium is, or None."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


@dataclass(slots=True)
class Browser:
    """One open page."""

    to: IO[bytes]
    back: IO[bytes]
    session: str | None = None
    number: int = 0

    def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """Call a method of the protocol; return its result."""
        self.number += 1
        message: dict[str, object] = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        self.to.write(json.dumps(message).encode() + b"\0")
        self.to.flush()
        while (answer := self.read()).get("id") != self.number:
            pass
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        result: dict[str, Any] = answer["result"]
        return result

    def read(self) -> dict[str, Any]:
        """Return the next message."""
        text = bytearray()
        while (byte := self.back.read(1)) != b"\0":
            if not byte:
                raise RuntimeError("the browser is gone")
            text += byte
        message: dict[str, Any] = json.loads(text)
        return message

    def open(self, page: Path, width: int, *, dark: bool = False) -> None:
        """Open a file in a window as wide as this; a narrow one is a phone's."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call("Page.navigate", url=page.as_uri())
        while self.read().get("method") != "Page.loadEventFired":
            pass

    def value(self, script: str) -> Any:
        """Return what an expression of JavaScript is, as JSON."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"])
        return answer["result"].get("value")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser with an empty page and a profile of its own; end it in the end."""
    program = found()
    assert program is not None
    there, to = os.pipe()
    back, here = os.pipe()

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [
                *(sys.executable, "-c", _BECOME, str(there), str(here)),
                *(program, *_OPTIONS, f"--user-data-dir={profile}", "about:blank"),
            ],
            pass_fds=(there, here),
            stderr=subprocess.DEVNULL,
        )
        os.close(there)
        os.close(here)
        try:
            with os.fdopen(to, "wb") as writer, os.fdopen(back, "rb") as reader:
                browser = Browser(writer, reader)
                target = browser.call("Target.createTarget", url="about:blank")["targetId"]
                attached = browser.call("Target.attachToTarget", targetId=target, flatten=True)
                browser.session = attached["sessionId"]
                browser.call("Page.enable")
                yield browser
                browser.session = None
                browser.call("Browser.close")
        finally:
            process.kill()
            process.wait()
