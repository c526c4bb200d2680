"""Tables without shapes of their own: columns of positions, turning points in rows, encodings, what is refused."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from hazardmap import CrsError, FileError, Policy, SchemaError, cli
from hazardmap.intake import import_table, position
from hazardmap.intake.profile import parse

GIVEN = {"classification": "SHA", "date_of_information": "2024-01-01"}
EXTENT = Policy(extent_deg=(44.0, 38.0, 51.0, 42.0))
CORNERS = [(46.9, 39.9), (46.901, 39.9), (46.901, 39.901), (46.9, 39.901)]
SQUARE = shapely.Polygon(CORNERS)
DEGREES = {"x": "lon", "y": "lat", "datum": "WGS 84"}


def table(folder, text, name="a.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def bring(path, table="hazards", values=GIVEN, **more):
    return import_table(path, table, values=values, policy=EXTENT, **more)


def apart(imported, *places):
    """Give how far each row lies from where it should, degrees."""
    return shapely.distance(imported.rows.geometry.to_numpy()[: len(places)], list(places))


AGHDAM = shapely.Point(46.9, 39.9)


def why(imported):
    return imported.rows["quarantined"].fillna("").tolist()


# Columns of numbers


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_points_of_two_columns_whatever_the_separator(tmp_path, mark, ends):
    rows = [["id", "lon", "lat", "name"], ["007", "46.90000", "39.90000", '"a;b,c|d\te"'], ["008", "", "", "x"]]
    imported = bring(table(tmp_path, ends.join(mark.join(r) for r in rows)), position=DEGREES)
    assert imported.rows["hazard_id"].tolist() == ["007", "008"]
    assert imported.rows.geometry.iloc[0].equals(shapely.Point(46.9, 39.9))
    assert imported.rows["name"].tolist() == ["a;b,c|d\te", "x"]
    assert why(imported) == ["", "geometry: missing (needed: a geometry)"]  # both empty: no geometry, as in other files


def test_numbers_go_by_the_crs_that_is_stated(tmp_path):
    # EPSG:32638 has 500,000 m on 45° E; 0° N is 0 m; so 500000, 0 … is far; a square near Aghdam is made by pyproj
    there = gpd.GeoSeries([SQUARE.centroid], crs=4326).to_crs(32638).iloc[0]
    path = table(tmp_path, f"id,E,N\n1,{there.x:.3f},{there.y:.3f}\n")
    for more in ({"crs": "EPSG:32638"}, {"crs": 32638}):
        imported = bring(path, position={"x": "E", "y": "N"}, **more)
        assert imported.rows.geometry.iloc[0].distance(SQUARE.centroid) < 1e-8
    imported = bring(path, position={"x": "e", "y": "n", "crs": "EPSG:32638"})
    assert imported.rows.geometry.iloc[0].distance(SQUARE.centroid) < 1e-8
    assert json.loads(imported.rows["as_entered"].iloc[0]) == {
        "id": "1",
        "E": f"{there.x:.3f}",
        "N": f"{there.y:.3f}",
        "(position)": "numbers in WGS 84 / UTM zone 38N",
    }
    with pytest.raises(CrsError, match=r"declares no CRS .* are no degrees"):
        bring(path, position={"x": "E", "y": "N"})
    with pytest.raises(CrsError, match=r"are no degrees"):
        bring(path, position={"x": "E", "y": "N", "datum": "WGS 84"})


def test_a_datum_of_its_own_is_carried_and_its_accuracy_joins(tmp_path):
    path = table(tmp_path, "id,lon,lat,accuracy_m\n1,46.900000,39.900000,3\n2,46.910000,39.900000,\n")
    there = bring(path, position={"x": "lon", "y": "lat", "datum": "SK-42"})
    plain = bring(path, position=DEGREES)
    moved = there.rows.to_crs(32638).distance(plain.rows.to_crs(32638))
    assert moved.between(98, 112).all()  # trust.md, B.1: the operations in use there shift by 98 to 112 m
    assert plain.rows["accuracy_m"].iloc[0] == 3
    # the operation is accurate to 4.5 m: the root of 3² + 4.5² is 5.408…, rounded up
    assert there.rows["accuracy_m"].iloc[0] == 5.5
    assert any("Pulkovo 1942 to WGS 84" in n for n in there.notes)


def test_decimals_say_how_sure_a_place_is(tmp_path):
    imported = bring(table(tmp_path, "id,lon,lat\n1,46.9,39.93\n2,46.93,39.9\n"), position=DEGREES)
    # two decimals: half a cell of 0.01°, 427 m by 555 m, diagonal 700 m
    assert imported.rows["accuracy_m"].between(698, 703).all()


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        ("46.9", "", "lat empty beside '46.9'"),
        ("", "39.9", "lon empty beside '39.9'"),
        ("0", "0", "a zero is what an empty cell becomes"),
        ("146.9", "39.9", "inside the country"),
        ("39.9", "46.9", "inside the country"),
        ("nan", "39.9", "nan"),
        ("1e400", "39.9", "1e400"),
        ("=1+1", "39.9", "=1+1"),
        ("{{7*7}}", "39.9", "{{7*7}}"),
    ],
)
def test_a_row_whose_place_cannot_be_is_quarantined(tmp_path, x, y, said):
    rows = "".join(f"{i},46.9{i},39.9{i}\n" for i in range(1, 8))
    imported = bring(table(tmp_path, f"id,lon,lat\n{rows}9,{x},{y}\n"), position=DEGREES)
    assert imported.counts == {"rows": 8, "accepted": 7, "repaired": 0, "quarantined": 1}
    assert said in why(imported)[-1]
    assert imported.rows.geometry.iloc[-1] is None


def test_decimal_commas_are_stated_or_a_fault(tmp_path):
    there = gpd.GeoSeries([SQUARE.centroid], crs=4326).to_crs(32638).iloc[0]
    east, north = f"{there.x:,.1f}", f"{there.y:,.1f}"  # 662,424.1 and 4,418,000.5, say
    swap = str.maketrans(",.", ".,")
    for mark, text in ((",", east.translate(swap)), (".", east), (",", east.translate(swap).replace(".", " "))):
        other = north if mark == "." else north.translate(swap)
        path = table(tmp_path, f"id;E;N\n1;{text};{other}\n")
        imported = bring(path, position={"x": "E", "y": "N", "decimal": mark}, crs=32638)
        assert imported.rows.geometry.iloc[0].distance(SQUARE.centroid) < 1e-6
    path = table(tmp_path, "id;E;N\n1;662,424;4418000\n2;662424.1;4418000.1\n3;662424.1;4418000.1\n")
    imported = bring(path, position={"x": "E", "y": "N"}, crs=32638)
    assert "'662,424' (662.424 or 662424?)" in why(imported)[0]
    assert "--decimal" in why(imported)[0]


# Texts in any writing


def test_each_writing_of_one_place_is_the_same_point(tmp_path):
    # 46°54' is 46.9°, 39°54' is 39.9°
    texts = {
        "decimal degrees": "39.90000 N 46.90000 E",
        "minutes": "N39°54.000' E46°54.000'",
        "seconds": "39°54'00.0\"N 46°54'00.0\"E",
        "russian": "39°54'00.0\" с.ш. 46°54'00.0\" в.д.",
    }
    path = table(
        tmp_path, "id;place\n" + "".join(f'{k};"{v.replace(chr(34), chr(34) * 2)}"\n' for k, v in texts.items())
    )
    imported = bring(path, position={"coordinates": "place", "datum": "WGS 84"})
    assert why(imported) == [""] * 4
    assert (apart(imported, *[AGHDAM] * 4) < 1e-9).all()
    assert "degrees" in json.loads(imported.rows["as_entered"].iloc[0])["(position)"]
    assert json.loads(imported.rows["as_entered"].iloc[1])["place"] == texts["minutes"]


def test_the_square_of_a_grid_reference_is_its_accuracy(tmp_path):
    mgrs = pytest.importorskip("mgrs").MGRS()
    names = [mgrs.toMGRS(39.9, 46.9, MGRSPrecision=digits) for digits in (5, 3, 2)]
    path = table(
        tmp_path, "id,mgrs,accuracy_m\n" + "".join(f"{i},{n},\n" for i, n in enumerate(names)) + f"9,{names[1]},50\n"
    )
    imported = bring(path, position={"coordinates": "mgrs", "datum": "WGS 84"})
    assert why(imported) == [""] * 4
    accuracy = imported.rows["accuracy_m"].tolist()
    assert pd.isna(accuracy[0])  # a metre: finer than what the policy assumes
    assert (
        accuracy[1] == 70.8
    )  # half the diagonal of 100 m is 70.71… m, rounded up; more than the 50 m that are assumed
    assert accuracy[2] == 707.2  # of 1,000 m: 707.1…, rounded up
    assert accuracy[3] == 86.7  # √(50² + 70.7²) = 86.6…
    near = imported.rows.to_crs(32638).distance(
        gpd.GeoSeries([shapely.Point(46.9, 39.9)], crs=4326).to_crs(32638).iloc[0]
    )
    assert (near <= [1.5, 71.5, 708, 71.5]).all()


def test_texts_without_a_datum_are_refused_as_a_whole(tmp_path):
    path = table(tmp_path, "id,mgrs\n1,38TPK1234512345\n2,38TPK1234512346\n")
    with pytest.raises(CrsError, match=r"none of the 2 positions .* without a datum .* do: state how they are written"):
        bring(path, position={"coordinates": "mgrs"})


def test_an_ambiguous_row_tells_both_readings(tmp_path):
    path = table(tmp_path, "id;place\n1;39.9 46.9\n2;N39.90000 E46.90000\n")
    imported = bring(path, position={"coordinates": "place", "datum": "WGS 84"})
    assert "two readings" in why(imported)[0]
    settled = bring(path, position={"coordinates": "place", "datum": "WGS 84", "order": "lat lon"})
    assert (apart(settled, AGHDAM, AGHDAM) < 1e-9).all()


def test_degrees_and_minutes_in_two_columns(tmp_path):
    path = table(tmp_path, 'id,lon,lat\n1,"46°54\'00.0""E","39°54\'00.0""N"\n2,46.90000,39.90000\n3,46.90000,north\n')
    imported = bring(path, position=DEGREES)
    assert (apart(imported, AGHDAM, AGHDAM) < 1e-9).all()
    assert "north" in why(imported)[2]


def test_a_zone_for_each_row(tmp_path):
    points = gpd.GeoSeries([shapely.Point(46.9, 39.9), shapely.Point(48.5, 39.9)], crs=4326)
    a, b = points[:1].to_crs(32638).iloc[0], points[1:].to_crs(32639).iloc[0]
    text = f"id,zone,E,N\n1,38N,{a.x:.1f},{a.y:.1f}\n2,39N,{b.x:.1f},{b.y:.1f}\n3,,{b.x:.1f},{b.y:.1f}\n"
    imported = bring(table(tmp_path, text), position={"x": "E", "y": "N", "zone": "zone", "datum": "WGS 84"})
    assert (apart(imported, *points) < 1e-5).all()
    assert imported.rows.geometry.iloc[2] is None


# Turning points in rows


def rows_of(corners, name="A", *, numbers=True, start=1, more=""):
    return "".join(f"{name},{i if numbers else ''},{x:.5f},{y:.5f}{more}\n" for i, (x, y) in enumerate(corners, start))


CORNER = {**DEGREES, "vertices_of": "id", "vertex": "no"}


@pytest.mark.parametrize(
    ("name", "corners", "start"),
    [("in order", CORNERS, 1), ("from nought", CORNERS, 0), ("closed", [*CORNERS, CORNERS[0]], 1)],
)
def test_corners_in_rows_are_the_polygon(tmp_path, name, corners, start):
    imported = bring(table(tmp_path, "id,no,lon,lat\n" + rows_of(corners, start=start)), position=CORNER)
    assert imported.counts == {"rows": 1, "accepted": 1, "repaired": 0, "quarantined": 0}
    assert imported.rows.geometry.iloc[0].normalize() == SQUARE.normalize()
    assert f"{len(corners)} rows made 1 records: turning points of one id" in imported.notes
    assert any("do not end where they begin" in n for n in imported.notes) == (name != "closed")
    assert json.loads(imported.rows["as_entered"].iloc[0])["lon"][:2] == ["46.90000", "46.90100"]


def test_numbers_count_and_not_the_order_in_the_file(tmp_path):
    lines = [*rows_of(CORNERS).splitlines(), *rows_of(CORNERS, "B").splitlines()]
    for order in ([3, 5, 0, 7, 1, 4, 2, 6], [7, 6, 5, 4, 3, 2, 1, 0]):
        imported = bring(table(tmp_path, "id,no,lon,lat\n" + "\n".join(lines[i] for i in order)), position=CORNER)
        assert sorted(imported.rows["hazard_id"]) == ["A", "B"]
        assert all(g.normalize() == SQUARE.normalize() for g in imported.rows.geometry)


@pytest.mark.parametrize(
    "labels", [["SP", "TP1", "TP2", "TP3"], ["TP 1", "TP 2", "TP 3", "TP 4"], ["№1", "№2", "№3", "№4"]]
)
def test_corners_may_be_labelled(tmp_path, labels):
    text = "".join(f"A,{n},{x},{y}\n" for n, (x, y) in zip(labels, CORNERS, strict=True))
    imported = bring(table(tmp_path, "id,no,lon,lat\n" + text), position=CORNER)
    assert imported.rows.geometry.iloc[0].normalize() == SQUARE.normalize()


@pytest.mark.parametrize(
    ("rows", "said", "draft"),
    [
        (rows_of(CORNERS[:2]), "2 turning points", True),
        (rows_of([CORNERS[0]] * 3), "1 turning point (", True),
        (rows_of([*CORNERS[:2], CORNERS[0]]), "2 turning points", True),
        (
            "A,1,46.9,39.9\nA,2,46.901,39.9\nA,4,46.901,39.901\nA,5,46.9,39.901\n",
            "turning point 3 missing of 1 to 5",
            False,
        ),
        (rows_of(CORNERS, start=2), "turning point 1 missing of 1 to 5", False),
        ("A,1,46.9,39.9\nA,2,46.901,39.9\nA,2,46.901,39.901\nA,3,46.9,39.901\n", "turning point 2 twice", True),
        (
            "A,1,46.9,39.9\nA,2,46.901,39.9\nA,2,46.901,39.901\nA,4,46.9,39.901\n",  # and 3 may be anywhere
            "turning point 2 twice",
            False,
        ),
        ("A,1,46.9,39.9\nA,,46.901,39.9\nA,3,46.901,39.901\n", "a turning point without a number", True),
        ("A,BM,46.9,39.9\nA,1,46.901,39.9\nA,2,46.901,39.901\n", "a turning point numbered 'BM'", True),
        (
            "A,1,46.9,39.9\nA,2,,\nA,3,46.901,39.901\nA,4,46.9,39.901\n",
            "without coordinates (row 15 of the file)",
            False,
        ),
        ("A,1,46.9,39.9\nA,2,here,39.9\nA,3,46.901,39.901\nA,4,46.9,39.901\n", "row 15 of the file: 'here", False),
        (rows_of(CORNERS[:3]) + ",4,46.9,39.901\n", "row 17 of the file): it may be one of its turning points", False),
    ],
)
def test_a_polygon_whose_corners_are_in_doubt_is_a_fault(tmp_path, rows, said, draft):
    rest = "".join(rows_of([(x + k / 100, y) for x, y in CORNERS], f"G{k}") for k in range(1, 4))
    imported = bring(table(tmp_path, "id,no,lon,lat\n" + rest + rows), position=CORNER)
    told = imported.rows.set_index("hazard_id")
    assert (told.loc[["G1", "G2"], "quarantined"].isna()).all()
    assert said in told.loc["A", "quarantined"]
    assert (told.loc["A", "geometry"] is not None) == draft  # what is sure to hold the hazard stays drawn
    if draft:
        places = [tuple(map(float, r.split(",")[2:])) for r in rows.splitlines() if "here" not in r]
        assert all(told.loc["A", "geometry"].buffer(1e-9).covers(shapely.Point(p)) for p in places)
    released = import_table(
        table(tmp_path, "id,no,lon,lat\n" + rest + rows, "r.csv"),
        "releases",
        values={"product": "cleared", "date_completed": "2024-01-01"},
        position=CORNER,
        policy=EXTENT,
    )
    assert released.rows.set_index("release_id").loc["A", "geometry"] is None  # and a doubtful release frees nothing


def test_without_numbers_rows_must_stand_together(tmp_path):
    way = {**DEGREES, "vertices_of": "id"}
    apart = (
        rows_of(CORNERS[:2], numbers=False) + rows_of(CORNERS, "B", numbers=False) + rows_of(CORNERS[2:], numbers=False)
    )
    imported = bring(table(tmp_path, "id,no,lon,lat\n" + apart), position=way)
    assert "do not stand together and have no numbers" in why(imported)[0]
    assert why(imported)[1] == ""
    assert imported.rows.geometry.iloc[1].normalize() == SQUARE.normalize()


def test_rows_of_one_polygon_must_agree(tmp_path):
    head = "id,no,lon,lat,class,doi,note\n"
    text = head + "".join(
        f"A,{i},{x},{y},{'SHA' if i == 1 else ''},2024-01-01,stone {i}\n" for i, (x, y) in enumerate(CORNERS, 1)
    )
    imported = import_table(table(tmp_path, text), "hazards", position=CORNER, policy=EXTENT)
    assert imported.counts["accepted"] == 1  # what one row says and the others leave empty is what is said
    assert "stone 1 | stone 2" in json.loads(imported.rows["as_entered"].iloc[0])["note"]
    clash = text.replace("A,3,46.901,39.901,,", "A,3,46.901,39.901,CHA,")
    imported = import_table(table(tmp_path, clash), "hazards", position=CORNER, policy=EXTENT)
    assert "'SHA' and 'CHA' in the rows of one polygon" in why(imported)[0]


def test_a_row_with_a_cell_too_many_is_a_fault_of_its_polygon(tmp_path):
    text = "id,no,lon,lat\n" + rows_of(CORNERS).replace("39.90100\n", "39.90100,x\n", 1)
    imported = bring(table(tmp_path, text), position=CORNER)
    assert "row 4 of the file: 5 cells" in why(imported)[0]
    assert "x" in json.loads(imported.rows["as_entered"].iloc[0])["(more cells)"]


# The same ground in every form


def test_every_form_gives_the_same_table(tmp_path):
    shapes = {f"H-{k}": shapely.Polygon([(x + k / 100, y) for x, y in CORNERS]) for k in range(3)}
    wkt = table(tmp_path, "id,wkt\n" + "".join(f'{n},"{s.wkt}"\n' for n, s in shapes.items()), "w.csv")
    rows = "".join(rows_of(list(s.exterior.coords)[:-1], n) for n, s in shapes.items())
    corners = table(tmp_path, "id,no,lon,lat\n" + rows, "v.csv")
    texts = "id;no;at\n" + "".join(
        f"{n};{i};N{y:.5f} E{x:.5f}\n" for n, s in shapes.items() for i, (x, y) in enumerate(s.exterior.coords)
    )
    typed = table(tmp_path, texts, "t.csv")
    frame = gpd.GeoDataFrame({"id": list(shapes)}, geometry=list(shapes.values()), crs=4326)
    found = [
        bring(wkt, crs=4326),
        bring(wkt, position={"wkt": "wkt", "datum": "WGS 84"}),
        bring(corners, position=CORNER),
        bring(typed, position={"coordinates": "at", "datum": "WGS 84", "vertices_of": "id", "vertex": "no"}),
        bring(frame),
    ]
    for one in found:
        assert one.rows["hazard_id"].tolist() == list(shapes)
        assert one.counts["accepted"] == 3
        kept = shapely.normalize(one.rows.geometry.to_numpy())
        assert shapely.equals_exact(kept, shapely.normalize(list(shapes.values())), 1e-9).all()


# Header, encoding, columns


def test_a_title_above_the_names_is_told(tmp_path):
    path = table(tmp_path, "Minefields;;\n\nid;lon;lat\n1;46.90000;39.90000\n\n2;46.91000;39.90000\n")
    with pytest.raises(
        FileError, match=r"begins with a title \('Minefields'\); line 3 has 3 cells: id, lon, lat .*--header-row 3"
    ):
        bring(path, position=DEGREES)
    imported = bring(path, position=DEGREES, header_row=3)
    assert imported.counts["accepted"] == 2
    assert "line 1, above the names of the columns, is not a record: Minefields" in imported.notes
    with pytest.raises(FileError, match=r"nothing on line 2"):
        bring(path, position=DEGREES, header_row=2)
    with pytest.raises(FileError, match=r"leave --header-row out"):
        import_table(gpd_file(tmp_path), "hazards", header_row=2)


def gpd_file(folder):
    path = folder / "a.gpkg"
    gpd.GeoDataFrame({"id": ["1"]}, geometry=[SQUARE], crs=4326).to_file(path)
    return path


@pytest.mark.parametrize(
    ("encoding", "stated", "name"),
    [
        ("utf-8", None, "Минное поле Ağdam Ə"),
        ("utf-8-sig", None, "Минное поле Ağdam Ə"),
        ("utf-8-sig", "utf-8", "Минное поле Ağdam Ə"),
        ("utf-16", None, "Минное поле Ağdam Ə"),
        ("utf-16", "utf-16", "Минное поле"),
        ("cp1251", "cp1251", "Минное поле"),
        ("cp1254", "cp1254", "Ağdam şəhər".replace("ə", "e")),
        ("cp866", "cp866", "Минное поле"),
    ],
)
def test_text_in_its_encoding(tmp_path, encoding, stated, name):
    path = table(tmp_path, f"id,name,lon,lat\n1,{name},46.90000,39.90000\n", encoding=encoding)
    imported = bring(path, position=DEGREES, encoding=stated)
    assert imported.rows["name"].tolist() == [name]
    assert imported.rows["hazard_id"].tolist() == ["1"]


def test_text_in_no_stated_encoding_shows_how_it_could_read(tmp_path):
    path = table(tmp_path, "id,name\n1,x\n2,Минное поле\n", encoding="cp1251")
    with pytest.raises(FileError) as caught:
        bring(path, position=DEGREES)
    assert "its line 3 would read '2,Минное поле' in cp1251, '2,Ìèííîå ïîëå' in cp1254 or cp1252" in str(caught.value)
    with pytest.raises(FileError, match=r"read as cp1252 holds 'Ìèííîå ïîëå', which is 'Минное поле' in cp1251"):
        bring(path, position=DEGREES, encoding="cp1252")


def test_text_that_came_in_broken_is_told_and_kept(tmp_path):
    path = table(tmp_path, "id,name,lon,lat\n1,Ìèííîå ïîëå,46.90000,39.90000\n2,AÄŸdam,46.91000,39.90000\n")
    imported = bring(path, position=DEGREES)
    assert any("2 different texts look read in a wrong encoding" in n for n in imported.notes)
    assert imported.rows["name"].tolist() == ["Ìèííîå ïîëå", "AÄŸdam"]


@pytest.mark.parametrize(
    ("position", "said"),
    [
        ({"x": "lon", "y": "nowhere"}, "no column 'nowhere' (y); its columns: id, lon, lat"),
        ({"coordinates": "mgrs", "datum": "WGS 84"}, "no column 'mgrs' (coordinates)"),
        ({"x": "lon"}, "x alone"),
        ({"x": "lon", "y": "lat", "wkt": "id"}, "at once"),
        ({"x": "lon", "y": "lat", "order": "yx"}, "none of lat lon, lon lat"),
        ({"x": "lon", "y": "lat", "datum": "Mars"}, "'Mars' is not known"),
        ({"vertices_of": "id"}, "vertices_of without x and y"),
        ({"colour": "red"}, "unknown name position.colour"),
    ],
)
def test_a_statement_that_does_not_hold(tmp_path, position, said):
    path = table(tmp_path, "id,lon,lat\n1,46.9,39.9\n")
    with pytest.raises((SchemaError, FileError, CrsError)) as caught:
        bring(path, position=position)
    assert said in str(caught.value)
    assert " – do: " in str(caught.value)


def test_a_table_that_does_not_say_where_its_rows_lie_is_refused_with_its_columns(tmp_path):
    with pytest.raises(FileError, match=r"do: --x Lon --y Lat and their datum"):
        bring(table(tmp_path, "id,Lon,Lat\n1,46.9,39.9\n"))
    with pytest.raises(FileError, match=r"do: --coordinates MGRS"):
        bring(table(tmp_path, "id,MGRS\n1,38S\n"))
    with pytest.raises(FileError, match=r"its columns: id, where"):
        bring(table(tmp_path, "id,where\n1,here\n"))
    with pytest.raises(SchemaError, match=r"has shapes of its own"):
        bring(gpd_file(tmp_path), position=DEGREES)


# The profile and the shell


def test_a_profile_states_positions_and_tells_all_its_faults(tmp_path):
    text = '[hazards.position]\nx = ["E", "lon"]\ny = ["N", "lat"]\ndatum = "WGS 84"\n'
    profile = table(tmp_path, "[hazards.columns]\nhazard_id = ['id']\n" + text, "p.toml")
    path = table(tmp_path, "id,lon,lat\n1,46.90000,39.90000\n")
    imported = bring(path, profile=profile, values={**GIVEN, "event": "established", "status": "open"})
    assert imported.counts["accepted"] == 1
    with pytest.raises(SchemaError) as caught:
        parse('[hazards.position]\nx = 7\ny = ["a"]\nwkt = "g"\ndecimal = ";"\nspeed = 1', "p.toml")
    for said in ("position.x is no name", "x/y and wkt at once", 'neither "." nor ","', "hazards.position.speed"):
        assert said in str(caught.value)


def test_what_the_shell_states_wins_over_the_profile():
    held = position.Position(x=("E",), y=("N",), crs="EPSG:32638")
    assert position.combined(held, None) == (held, False)
    stated, own = position.combined(held, {"coordinates": "mgrs", "datum": "WGS 84"})
    assert (stated, own) == (position.Position(coordinates=("mgrs",), datum="WGS 84"), True)
    assert position.combined(held, {"decimal": ","})[0].x == ("E",)
    with pytest.raises(SchemaError, match=r"--crs EPSG:32638 and datum WGS 84 at once"):
        position.combined(held, {"x": "a", "y": "b", "datum": "WGS 84"}, crs="EPSG:32638")


def test_the_shell_spells_the_same(tmp_path, capsys):
    path = table(tmp_path, "Title,,,\nid,no,lon,lat\n" + rows_of(CORNERS))
    into = tmp_path / "p.gpkg"
    said = ["--set", "classification=SHA", "--set", "date_of_information=2024-01-01"]
    where = [
        "--x",
        "lon",
        "--y",
        "lat",
        "--datum",
        "WGS 84",
        "--vertices-of",
        "id",
        "--vertex",
        "no",
        "--header-row",
        "2",
    ]
    assert cli.main(["import", str(path), "--as", "hazards", "--into", str(into), *said, *where]) == 0
    told = capsys.readouterr().out
    assert "4 rows made 1 records" in told
    assert "CRS EPSG:4326 (WGS 84), as stated for lon, lat, id, no" in told
    assert cli.main(["import", str(path), "--as", "hazards", "--into", str(into), *said]) == 1
    assert "--header-row 2" in capsys.readouterr().err


def test_legs_in_rows_become_polygons(tmp_path):
    head = "hazard_id,point,kind,bearing,distance,longitude,latitude,north,bearing_unit,distance_unit\n"
    legs = [
        ("well", "landmark", "", "", "46.90000", "40.00000"),
        ("S", "start", 90, 50, "", ""),
        ("T1", "turning", 0, 100, "", ""),
        ("T2", "turning", 90, 100, "", ""),
        ("T3", "turning", 180, 100, "", ""),
        ("S", "start", 270, 100, "", ""),
    ]
    rows = [",".join(map(str, leg)) + ",true,deg,m\n" for leg in legs]
    text = head + "".join(f"M-1,{r}" for r in rows) + "".join(f"M-2,{r}" for r in rows[:2])
    way = {"traverse": True, "vertices_of": "hazard_id", "datum": "WGS 84"}
    imported = bring(table(tmp_path, text), position=way)
    assert imported.rows["hazard_id"].tolist() == ["M-1", "M-2"]
    assert any(n.startswith("8 rows made 2 records: legs of traverses") for n in imported.notes)
    area = gpd.GeoSeries(imported.rows.geometry[:1]).to_crs(32638).area.iloc[0]
    assert area == pytest.approx(10_000, rel=1e-3)
    assert "boundary point" in why(imported)[1]
    assert why(imported)[0] == ""
    nameless = bring(table(tmp_path, text.replace("M-1,T2", ",T2")), position=way)
    assert (
        "a row beside it has no id (row 5 of the file)"
        in nameless.rows.set_index("hazard_id").loc["M-1", "quarantined"]
    )
    assert nameless.counts["rows"] == 3
    assert nameless.rows.geometry.iloc[:2].isna().all()  # a leg that may be missing moves every point after it


# What a hostile reader found


@pytest.mark.parametrize("zero", ["0,0", "0.0,0.0", "0,39.9", "46.9,0"])
@pytest.mark.parametrize("first", ["46.90001,39.90001", "46°54'00\"E,39°54'00\"N"])
def test_a_zero_is_no_place_however_the_rows_beside_it_are_written(tmp_path, zero, first):
    rows = f"id,lon,lat\nA,{first}\nB,46.95,39.95\nC,{zero}\nD,46.99,39.99\n"
    imported = bring(table(tmp_path, rows), position=DEGREES)
    assert imported.counts == {"rows": 4, "accepted": 3, "repaired": 0, "quarantined": 1}
    assert "a zero is what an empty cell becomes" in why(imported)[2]


def test_a_zone_in_each_row_beside_a_crs_is_refused(tmp_path):
    path = table(tmp_path, "id,z,e,n\nA,39N,667123,4420123\n")
    with pytest.raises(CrsError, match="which has a zone of its own"):
        bring(path, position={"x": "e", "y": "n", "zone": "z"}, crs="EPSG:32638")


def test_a_row_written_coarsely_is_as_coarse_as_it_is_written(tmp_path):
    """46.9, 39.9 stand for a square of a tenth of a degree: half its diagonal is 11,132 / 2 × √2 m."""
    rows = "id,lon,lat\nA,46.912345,39.912345\nB,46.9,39.9\nC,46.9123,39.9123\n"
    imported = bring(table(tmp_path, rows), position=DEGREES)
    accuracy = imported.rows["accuracy_m"].tolist()
    assert accuracy[1] == pytest.approx(11_132 / 2**0.5, rel=0.01)
    assert np.isnan(accuracy[0])
    assert np.isnan(accuracy[2]), "two zeros at the end are lost easily"


def test_a_crs_may_stand_in_the_statement_of_one_column(tmp_path):
    path = table(tmp_path, "id;c\nA;667123 4420123\n")
    imported = bring(path, position={"coordinates": "c", "crs": "EPSG:32638"})
    assert imported.rows.geometry.iloc[0].x == pytest.approx(46.9554, abs=1e-4)


@pytest.mark.parametrize(
    ("column", "says", "stated"),
    [
        ("Datum", ["WGS84", "", "СК-42", "Pulkovo 1942", "unknown to us"], {"datum": "WGS 84"}),
        ("epsg", ["4326", "EPSG:32638", "4284", "EPSG:28408", "0"], {"datum": "WGS 84"}),
        ("CRS", ["epsg:4326", "WGS 84", "EPSG:4284", "4284", "local"], {"crs": "EPSG:4326"}),
    ],
)
def test_a_row_of_another_datum_than_the_table_is_a_fault(tmp_path, column, says, stated):
    rows = "".join(f"{i},{46.9 + i / 100:.5f},39.90000,{said}\n" for i, said in enumerate(says))
    way = {"x": "lon", "y": "lat", **stated}
    imported = bring(table(tmp_path, f"id,lon,lat,{column}\n{rows}"), position=way)
    held = imported.rows["quarantined"].fillna("")
    assert held.str.contains("is stated for all rows").tolist() == [False, False, True, True, False]
    assert imported.rows.geometry.isna().tolist() == [False, False, True, True, False]
