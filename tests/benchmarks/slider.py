"""How long a step of the slider takes on a synthetic map through time: ground that is open, waiting, then released.

Run: python tests/benchmarks/slider.py [100000 1000000]

Draws so many fragments of 36 corners, opens the page in Chromium without a network, and moves the day at three zooms; a step counts
from the move to the moment when all tiles are painted.
"""

import statistics
import sys
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hazardmap import measure, tables
from hazardmap.maps import HazardMap
from hazardmap.maps.scene import Scene
from hazardmap.maps.symbols import SYMBOLS
from hazardmap.release import holding

ON = pd.Timestamp("2024-12-31")
STATES = ("confirmed_open", "not_handed_over_cleared", "cleared")


def drawn(fragments, corners=36):
    """Draw a third of `fragments` as places, each with three fragments, one after the other."""
    rng = np.random.default_rng(4)
    count = fragments // 3
    centre = np.column_stack([rng.normal(46.9, 0.5, count), rng.normal(39.6, 0.5, count)])
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    radius = rng.uniform(0.0002, 0.004, (count, 1)) * 2000 / max(count, 2000) ** 0.5 / 44
    shapes = shapely.polygons(
        centre[:, None, :] + radius[:, :, None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    )
    start = rng.integers(8_000, 18_000, count)
    finished, freed = start + rng.integers(100, 1_500, count), start + rng.integers(1_600, 2_000, count)
    never = np.full(count, np.datetime64("NaT"), dtype="datetime64[us]")
    edges = [day.astype("datetime64[D]").astype("datetime64[us]") for day in (start, finished, freed)] + [never]
    ids = np.array([f"H-{i:07d}" for i in range(count)], dtype=object)
    ground = pd.concat(
        [
            pd.DataFrame(
                {
                    "symbol": state,
                    "state": state.partition("_cleared")[0],
                    "why": ids,
                    "area_m2": 1.0,
                    "from": edges[i],
                    "to": edges[i + 1],
                    "geometry": shapes,
                }
            )
            for i, state in enumerate(STATES)
        ],
        ignore_index=True,
    )
    lives = {
        name: tables.empty(name).assign(**{"symbol": "", "from": ON, "to": ON})
        for name in SYMBOLS
        if name in tables.TABLES
    }
    lives["ground"] = gpd.GeoDataFrame(ground, geometry="geometry", crs=measure.STORED_CRS)
    lives["hazards"] = lives["hazards"].assign(unplaced=False, area_m2=1.0)
    life = pd.DataFrame({"hazard_id": [], "partly": [], "from": [], "to": []})
    return HazardMap(
        Scene(
            name=f"{fragments:,} fragments",
            on=ON.date(),
            as_of=ON.date(),
            sources="made up",
            fictitious=True,
            frames={name: holding(frame, on=ON) for name, frame in lives.items()},
            unplaced=life,
            lives=lives,
            unplaced_life=life,
        )
    )


STEP = (
    "const done = arguments[arguments.length - 1], at = arguments[0]; const start = performance.now(); hazardmap.time.show(at); (async () => { do await "
    "new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(r)))); while (hazardmap.data.isLoading()); "
    "done(performance.now() - start); })();"
)
READY = "const done = arguments[0]; const look = () => hazardmap.ready || hazardmap.failed ? done(hazardmap.failed) : setTimeout(look, 10); look();"


def main(counts):
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    from maps import browser

    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "slider.html"
            drawn(count).save(path)
            driver = browser(Path(folder))
            try:
                driver.get(path.as_uri())
                assert driver.execute_async_script(READY) is None
                print(f"{count:,} fragments of 36 corners, {path.stat().st_size / 1e6:.0f} MB")
                for zoom in (7, 9, 11):
                    driver.execute_script("hazardmap.map.setView([39.6, 46.9], arguments[0], {animate: false})", zoom)
                    steps = [driver.execute_async_script(STEP, day) for day in range(9_000, 20_000, 1_000)]
                    print(
                        f"  zoom {zoom}: median {statistics.median(steps):.0f} ms, slowest {max(steps):.0f} ms",
                        flush=True,
                    )
            finally:
                driver.quit()


if __name__ == "__main__":
    main([int(count) for count in sys.argv[1:]] or [100_000, 1_000_000])
