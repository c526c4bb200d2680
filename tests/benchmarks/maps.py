"""Maps of many polygons: the packed page beside `gdf.explore()` and `folium.GeoJson(prefer_canvas)`, made and opened in one run.

Run: python tests/benchmarks/maps.py [--sizes 1000,10000,100000] [--ours 1000000] [--peers explore,geojson] [--keep FOLDER]

`layer` is the same renderer as one layer of an ordinary folium map, which has no base map, legend or tools: as the peers have none.
Every side draws the same table: star-shaped polygons of 36 vertices in clusters, a state, an id, a district and an area. Each page is made
in a process of its own; then one Chromium without a network opens all of them:

  file      size of the page
  made      from the table in memory to the page on the disk
  memory    most memory while it was made, beside what the table alone takes
  picture   from the address to the moment when everything is painted
  heap      JavaScript heap after garbage collection; `all` is the memory of the browser's processes above that of an empty page
  zoom      from a step of zoom to the picture
  pan       pictures a second while the mouse drags the map; with the mouse still up, Chromium paints 60

The peers' pages name files on CDNs. Leaflet and jQuery come from our own assets, the others (bootstrap, icon fonts) do nothing here and are
left out. What takes longer than ten minutes is given up and said.
"""

import argparse
import json
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

CORNERS, PIECE, LONGEST_S = 36, 50_000, 600
STATES = {"confirmed_open": 0.15, "suspected_open": 0.25, "cancelled": 0.2, "reduced": 0.15, "cleared": 0.25}
SWITCHES = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


def table(count, seed=7):
    """Polygons in clusters of about 500 over a country of 4 by 3 degrees."""
    import geopandas as gpd
    import shapely

    rng = np.random.default_rng(seed)
    many = max(count // 500, 1)
    clusters = np.column_stack([rng.uniform(46, 50, many), rng.uniform(38.5, 41.5, many)])
    centre = clusters[rng.integers(many, size=count)] + rng.normal(0, 0.03, (count, 2))
    angle = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    shapes = np.empty(count, dtype=object)
    for start in range(0, count, PIECE):
        rows = slice(start, min(start + PIECE, count))
        size = rows.stop - start
        radius = rng.uniform(30, 150, (size, 1)) * rng.uniform(0.6, 1, (size, CORNERS)) / 111_000
        rings = centre[rows, None, :] + np.stack([1.3 * radius * np.cos(angle), radius * np.sin(angle)], axis=-1)
        shapes[rows] = shapely.polygons(np.round(rings, 6))
    columns = {
        "hazard_ids": [f"H-{i:07d}" for i in range(count)],
        "state": rng.choice(list(STATES), size=count, p=list(STATES.values())),
        "area_m2": rng.uniform(1e3, 5e4, count).round(),
        "why": np.array([f"District {i}" for i in range(40)])[rng.integers(40, size=count)],
    }
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=4326)


def ours(scene, path):
    from hazardmap.maps import HazardMap

    HazardMap(scene).save(path)


def scene(frame):
    """What `hazardmap.draw` would gather of a programme whose ground this is; the state of ground is another benchmark's."""
    import hazardmap as hm
    from hazardmap.maps.scene import gather

    empty = gather(hm.Programme(name="Benchmark", fictitious=True, as_of=date(2024, 12, 31)), on="2024-12-31")
    return replace(empty, frames={**empty.frames, "ground": frame.assign(symbol=frame["state"])})


def layer(frame, path):
    """The same renderer as one layer of an ordinary folium map: no base map, no legend, no tools, as the peers have none."""
    import folium

    from hazardmap.maps import PackedLayer, Symbol

    colours = dict(zip(STATES, ("#ff0000", "#f4a718", "#c0d5f0", "#416284", "#0ea67b"), strict=True))
    signs = {state: Symbol(label=state, fill=colour, outline="#333333", width=1.0) for state, colour in colours.items()}
    page = folium.Map(location=[40, 48], zoom_start=8, tiles=None)
    PackedLayer(frame, name="Ground", by="state", signs=signs).add_to(page)
    page.fit_bounds([[38.4, 45.9], [41.6, 50.1]])
    page.save(path)


def explore(frame, path):
    frame.explore(column="state", tooltip=["hazard_ids", "state", "area_m2", "why"], tiles=None).save(path)


def geojson(frame, path):
    import folium

    colours = dict(zip(STATES, ("#ff0000", "#f4a718", "#c0d5f0", "#416284", "#0ea67b"), strict=True))
    page = folium.Map(location=[40, 48], zoom_start=8, prefer_canvas=True, tiles=None)
    folium.GeoJson(
        frame,
        style_function=lambda f: {"fillColor": colours[f["properties"]["state"]], "color": "#333333", "weight": 1},
        tooltip=folium.GeoJsonTooltip(["hazard_ids", "state", "area_m2", "why"]),
    ).add_to(page)
    page.fit_bounds([[38.4, 45.9], [41.6, 50.1]])
    page.save(path)


def make(kind, count, path):
    """Make one page (in a process of its own) and tell what it took."""
    import folium  # noqa: F401  loading the libraries is nobody's work

    import hazardmap.maps  # noqa: F401

    frame = scene(table(count)) if kind == "ours" else table(count)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    {"ours": ours, "layer": layer, "explore": explore, "geojson": geojson}[kind](frame, path)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"made": seconds, "table": before / 1e3, "peak": peak / 1e3}))


def at_home(path):
    """Give a peer's page the libraries that it needs from our assets, and nothing else from elsewhere."""
    from hazardmap.maps import page

    text = path.read_text(encoding="utf-8")
    inlined = {"leaflet.js": "leaflet.js", "jquery": "jquery.min.js"}

    def local(found):
        name = next((ours for sign, ours in inlined.items() if re.search(rf"/{sign}[^/]*\"", found[0])), None)
        return f"<script>{page.script(name)}</script>" if name else ""

    text = re.sub(r'<script[^>]*src="https?://[^"]+"[^>]*></script>', local, text)
    text = re.sub(r'<link[^>]*href="https?://[^>]*>', "", text)
    path.write_text(text.replace("</head>", f"<style>{page.style('leaflet.css')}</style></head>", 1), encoding="utf-8")


def browser(folder):
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    for switch in (*SWITCHES, f"--user-data-dir={folder}/profile"):
        options.add_argument(switch)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    driver.set_page_load_timeout(LONGEST_S)
    driver.set_script_timeout(LONGEST_S)
    driver.command_executor.client_config.timeout = LONGEST_S + 60
    driver.set_window_size(1400, 900)
    return driver


FIND_MAP = "const map = window.hazardmap && hazardmap.map ? hazardmap.map : Object.values(window).find((v) => v instanceof L.Map);"
PAINTED = (
    "const painted = () => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(r))));"
)
#: A layer on an ordinary map is found by its kind.
LAYER = "Object.values(window).find((v) => window.hazardmap && v instanceof hazardmap.HazardLayer)"
#: The picture is there when nothing is left to do and two frames have passed.
WAIT = (
    "const done = arguments[arguments.length - 1];"
    + PAINTED
    + "const data = () => window.hazardmap && (hazardmap.manifest ? hazardmap : LAYER);"
    "const busy = () => data() && !data().ready && !data().failed; const look = () => busy() ? setTimeout(look, 10) : painted().then(() => done(data() ? "
    "[data().drawn, data().failed] : null)); look();"
)
ZOOM = (
    "const done = arguments[arguments.length - 1], step = arguments[0];"
    + FIND_MAP
    + PAINTED
    + "(async () => { const start ="
    " performance.now(); map.setZoom(map.getZoom() + step, {animate: false}); const layer = window.hazardmap && (hazardmap.data || LAYER);"
    " do await painted(); while (layer && layer.isLoading()); done(performance.now() - start); })();"
)
COUNT = "window.frames_ = []; const f = (t) => { frames_.push(t); if (frames_) requestAnimationFrame(f); }; requestAnimationFrame(f);"


def opened(driver, path, blank):
    driver.get("about:blank")
    wait, zoom = WAIT.replace("LAYER", LAYER), ZOOM.replace("LAYER", LAYER)
    start = time.perf_counter()
    driver.get(path.resolve().as_uri())
    state = driver.execute_async_script(wait)
    picture = time.perf_counter() - start
    assert state is None or state[1] is None, state
    driver.execute_cdp_cmd("HeapProfiler.collectGarbage", {})
    driver.execute_cdp_cmd("Performance.enable", {})
    metrics = {m["name"]: m["value"] for m in driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]}
    zooms = [driver.execute_async_script(zoom, step) / 1e3 for step in (1, 1, -1, -1, 1)]
    return {
        "picture": picture,
        "heap": metrics["JSHeapUsedSize"] / 1e6,
        "all": memory(driver) - blank,
        "zoom": statistics.median(zooms),
        "pan": panned(driver),
    }


def panned(driver, steps=120):
    """Drag the map with the mouse there and back; count the pictures until the last one after it was let go."""

    def mouse(kind, x, y):
        event = {"type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1}
        driver.execute_cdp_cmd("Input.dispatchMouseEvent", event)

    driver.execute_script(COUNT)
    mouse("mousePressed", 600, 500)
    start = time.perf_counter()
    for i in range(steps):
        far = 250 * np.sin(2 * np.pi * i / steps)
        mouse("mouseMoved", 600 + int(far), 500 + int(far / 2))
        time.sleep(max(0, start + (i + 1) / 60 - time.perf_counter()))
    mouse("mouseReleased", 600, 500)
    driver.execute_async_script("const done = arguments[0];" + PAINTED + "painted().then(done);")
    times = driver.execute_script("const t = frames_; return [t.length, t[t.length - 1] - t[0]]")
    return 1e3 * (times[0] - 1) / times[1]


def memory(driver):
    """Megabytes of all processes of the browser, shared pages divided among those that share them."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    family, size = {driver.service.process.pid}, 0
    for _ in range(6):
        family |= {child for child, parent in parents.items() if parent in family}
    for process in family:
        try:
            size += int(re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{process}/smaps_rollup").read_text(), re.MULTILINE)[1])
        except OSError:
            continue
    return size / 1e3


def measured(kinds, count, folder, keep):
    rows = {}
    for kind in kinds:
        path = folder / f"{kind}-{count}.html"
        command = [sys.executable, __file__, "--make", kind, str(count), str(path)]
        try:
            told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=LONGEST_S).stdout
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
            print(f"  {kind}: not made ({type(error).__name__})", flush=True)
            continue
        row = {"file": path.stat().st_size / 1e6, **json.loads(told.splitlines()[-1])}
        if kind != "ours":
            at_home(path)
        driver = browser(folder)
        try:
            driver.get("about:blank")
            row |= opened(driver, path, memory(driver))
        except Exception as error:  # noqa: BLE001  a browser that gives up is a result
            print(f"  {kind}: not opened ({type(error).__name__})", flush=True)
        finally:
            driver.quit()
        if not keep:
            path.unlink()
        # Ours is made and opened before the peers and after them; the slower counts, should the machine be busier at one time.
        rows[kind] = {name: max(value, rows.get(kind, row)[name]) for name, value in row.items()}
        cells = "".join(f"{name} {value:,.3g}  " for name, value in row.items())
        print(f"  {kind:<8} {cells}", flush=True)
    return rows


def main():
    if sys.argv[1:2] == ["--make"]:
        return make(sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
    options = argparse.ArgumentParser()
    options.add_argument("--sizes", default="1000,10000,100000")
    options.add_argument("--ours", default="1000000", help="sizes that only the packed page is asked for")
    options.add_argument("--peers", default="explore,geojson")
    options.add_argument("--keep", type=Path)
    given = options.parse_args()
    sizes = [int(size) for size in given.sizes.split(",") if size]
    alone = [int(size) for size in given.ours.split(",") if size]
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(exist_ok=True)
        for count in (*sizes, *alone):
            print(f"{count:,} polygons of {CORNERS} vertices (MB, seconds, pictures a second)", flush=True)
            peers = [p for p in given.peers.split(",") if p] if count in sizes else []
            own = ["ours", "layer"]
            rows = measured([*own, *peers, *(own if peers else [])], count, folder, given.keep)
            for peer in peers:
                if peer in rows and "picture" in rows[peer]:
                    for side in own:
                        better = {n: rows[peer][n] / rows[side][n] for n in ("file", "made", "picture", "heap", "zoom")}
                        told = ", ".join(f"{n} {v:.1f} ×" for n, v in better.items())
                        print(f"  {side} against {peer}: {told}", flush=True)
    return None


if __name__ == "__main__":
    main()
