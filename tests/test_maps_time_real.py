"""Mine events of a country, a year each: the slider reaches over them, and the chart counts what the file holds."""

from pathlib import Path

import geopandas as gpd
import pytest

import hazardmap as hm
from hazardmap.maps.days import facts, gather_through_time, series

EVENTS = Path(__file__).resolve().parents[2] / "shared" / "data" / "colombia" / "colombia_events_1990_2019.gpkg"
PROFILE = """
[meta]
name = "colombia"
description = "mine events, one point each"
country = "Colombia"
extent_deg = [-82, -4.3, -66.8, 13.5]
as_of = 2019-12-31
[finds]
notes = ["only the year is known: an event is shown from the first day of its year"]
[finds.columns]
kind = ["tipo_nombre"]
[finds.templates]
find_id = "CO-{row:6}"
[finds.words.kind]
"Desminado militar en operaciones" = "device"
"Accidente por MAP" = "accident"
"Accidente por MUSE" = "accident"
"Incautaciones" = "device"
"Sospecha de campo minado" = "incident"
"Municiones sin explotar" = "device"
"Produccion de Minas (Fabrica)" = "device"
"Arsenal almacenada" = "device"
"""


@pytest.mark.skipif(not EVENTS.exists(), reason="the real data of ../shared/data are not here")
def test_events_of_thirty_years(tmp_path):
    rows = gpd.read_file(EVENTS).iloc[::12].reset_index(drop=True)  # enough to see, and quick
    rows["date"] = rows["AÑO"] + "-01-01"
    (tmp_path / "colombia.toml").write_text(PROFILE, encoding="utf-8")
    programme = hm.add(hm.Programme(), hm.import_table(rows, "finds", profile=tmp_path / "colombia.toml"))
    lying = gather_through_time(programme, on="2019-12-31")
    told = facts(lying)
    assert told["undated"] == 0
    assert (told["last"] - told["first"]) // 365 == 30
    chart = series(lying)["chart"]
    assert chart["kind"] == "finds"
    by_year = rows["AÑO"].astype(int).value_counts()
    for i, year in enumerate(chart["year"]):
        assert sum(counts[i] for counts in chart["kinds"].values()) == by_year.get(year, 0), year
    shown = hm.holding(lying.lives["finds"], on="2006-07-01")
    assert len(shown) == (rows["AÑO"].astype(int) <= 2006).sum()
