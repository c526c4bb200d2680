"""What all tests share: no network, and a real browser without one."""

from __future__ import annotations

import io
import json
import os
import shutil
import socket
import time
from ipaddress import ip_address

import pytest
from hypothesis import settings

# The same examples in each run, so that a change is judged by what it changes; asked for more of them, others each time.
settings.register_profile("repeatable", derandomize=True)
if "HAZARDMAP_EXAMPLES" not in os.environ:
    settings.load_profile("repeatable")

_CONNECT, _CONNECT_EX = socket.socket.connect, socket.socket.connect_ex
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_SWITCHES = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


def _is_here(sock, address):
    if sock.family not in {socket.AF_INET, socket.AF_INET6}:
        return True
    host = address[0]
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _guarded(connect):
    def guard(sock, address, *rest):
        if not _is_here(sock, address):
            raise RuntimeError(f"a test asked the network for {address!r}; only this machine may be asked")
        return connect(sock, address, *rest)

    return guard


@pytest.fixture(autouse=True, scope="session")
def _no_network():
    """Refuse every connection that leaves this machine; an attempt is a failure, not a silence."""
    socket.socket.connect = _guarded(_CONNECT)
    socket.socket.connect_ex = _guarded(_CONNECT_EX)
    yield
    socket.socket.connect, socket.socket.connect_ex = _CONNECT, _CONNECT_EX


@pytest.fixture(autouse=True)
def _terminal_of_100_columns(monkeypatch):
    """Tables are as wide as the terminal; parallel workers would say 80."""
    monkeypatch.setenv("COLUMNS", "100")


class Browser:
    """Chromium with the network off, and the few questions that tests ask it."""

    def __init__(self, driver):
        self.driver = driver

    def size(self, width, height, scale=1):
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": width < 500},
        )

    def open(self, path, *, wait=True, seconds=30):
        """Open a saved page; returns how long it took until all was drawn."""
        self.driver.get("about:blank")
        self.console(), self.requests()
        start = time.perf_counter()
        self.driver.get(path.resolve().as_uri())
        if wait:
            self.until("return Boolean(window.hazardmap && (hazardmap.ready || hazardmap.failed))", seconds)
            self.settle()
        return time.perf_counter() - start

    def until(self, script, seconds=10):
        end = time.perf_counter() + seconds
        while not (answer := self.js(script)):
            assert time.perf_counter() < end, f"waited {seconds} s for {script}"
            time.sleep(0.02)
        return answer

    def js(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def settle(self):
        """Wait until two frames have been painted."""
        self.driver.execute_async_script(
            "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 60)));"
        )

    def console(self):
        return [f"{entry['level']} {entry['message']}" for entry in self.driver.get_log("browser")]

    def requests(self):
        """Addresses asked for, other than the page itself and what it carries."""
        sent = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        urls = [m["params"]["request"]["url"] for m in sent if m["method"] == "Network.requestWillBeSent"]
        return [u for u in urls if not u.startswith(("file:", "data:", "blob:", "about:"))]

    def view(self, longitude, latitude, zoom):
        self.js(
            "hazardmap.map.setView([arguments[0], arguments[1]], arguments[2], {animate: false})",
            latitude,
            longitude,
            zoom,
        )
        self.settle()
        self.settle()

    def screen(self, longitude, latitude):
        """Where a place lies on the page, in CSS pixels."""
        return self.js(
            "const m = hazardmap.map, p = m.latLngToContainerPoint([arguments[0], arguments[1]]),"
            " b = m.getContainer().getBoundingClientRect(); return [p.x + b.left, p.y + b.top]",
            latitude,
            longitude,
        )

    def click(self, longitude, latitude):
        """Click a place with the mouse; returns the text of the card that opens."""
        x, y = (round(v) for v in self.screen(longitude, latitude))
        for kind in ("mousePressed", "mouseReleased"):
            self.driver.execute_cdp_cmd(
                "Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1}
            )
        self.until("const c = document.querySelector('.hm-card'); return c && !c.hidden", 5)
        return self.js("return document.querySelector('.hm-card').innerText")

    def pixels(self, longitude, latitude, around=8):
        """Colours on the screen round a place, as a list of (red, green, blue)."""
        image = pytest.importorskip("PIL.Image")
        picture = image.open(io.BytesIO(self.driver.get_screenshot_as_png())).convert("RGB")
        x, y = self.screen(longitude, latitude)
        box = picture.crop((round(x) - around, round(y) - around, round(x) + around, round(y) + around))
        raw = box.tobytes()
        return [tuple(raw[i : i + 3]) for i in range(0, len(raw), 3)]


@pytest.fixture(scope="session")
def _chromium(tmp_path_factory):
    webdriver = pytest.importorskip(
        "selenium.webdriver", reason="selenium is not installed: pip install hazardmap[test]"
    )
    browser = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    driver_path = shutil.which("chromedriver")
    if browser is None or driver_path is None:
        pytest.skip("no Chromium with chromedriver on this machine: apt install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for switch in (*_SWITCHES, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver_path))
    driver.execute_cdp_cmd("Network.enable", {})
    driver.execute_cdp_cmd(
        "Network.emulateNetworkConditions",
        {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0},
    )
    yield Browser(driver)
    driver.quit()


@pytest.fixture
def chromium(_chromium):
    """Chromium with the network off, at desktop size, its console read empty."""
    _chromium.size(1400, 900)
    _chromium.console(), _chromium.requests()
    return _chromium
