"""Files that lie, point elsewhere, or grow: one clear error, nothing fetched, nothing written, nothing left out."""

import io
import json
import os
import shutil
import socket
import stat
import struct
import tempfile
import time
import zipfile

import pyogrio
import pytest
from formats import FRAME, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_intake_formats import GPX, RING, drawing, gml, kml, mark, member, ring_of, text_file

from hazardmap import FileError, HazardmapError
from hazardmap.formats import archives, sniff
from hazardmap.intake import reading

SQUARE = ring_of("39 46 39 46.001 39.001 46.001 39.001 46 39 46")
GEOJSON = json.dumps(
    {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": None}]}
)
SECRET = "the-secret-of-the-officer"
PLAIN = {"a.kml": kml(mark(RING)), "a.gpx": GPX, "a.gml": gml(member(SQUARE))}


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*given, **more):
        raise AssertionError("something was to be fetched")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def three_beats(error):
    assert " – needed: " in str(error)
    assert " – do: " in str(error)


def refused(path, said, **more):
    with pytest.raises(HazardmapError) as caught:
        reading.read(path, wanted="hazards", **more)
    text = str(caught.value)
    assert said in text
    three_beats(caught.value)
    assert SECRET not in text
    assert "Traceback" not in text


ENTITY = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
LAUGHS = (
    "<!DOCTYPE x [<!ENTITY a 'ha'>"
    + "".join(
        f"<!ENTITY {b} '{'&' + a + ';'}{'&' + a + ';'}{'&' + a + ';'}'>"
        for a, b in zip("abcdefghij", "bcdefghijk", strict=True)
    )
    + "]>"
)


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("doctype", [ENTITY, LAUGHS, "<!-- x --><!DOCTYPE x SYSTEM 'http://192.0.2.1/x.dtd'>"])
def test_a_document_type_is_refused_before_it_is_read(tmp_path, name, doctype):
    text = PLAIN[name]
    at = text.index("?>") + 2 if text.startswith("<?") else 0
    hostile = text[:at] + doctype + text[at:].replace("<name>", "<name>&e;&k;", 1)
    refused(text_file(tmp_path, name, hostile), "document type (<!DOCTYPE)")
    late = text[:at] + "<!-- " + "x" * 70_000 + " -->" + doctype + text[at:]  # behind what is looked at first
    refused(text_file(tmp_path, name, late), "")


@pytest.mark.parametrize("name", PLAIN)
def test_an_entity_that_nothing_declares_is_no_xml(tmp_path, name):
    assert "<name>" in PLAIN[name] or name == "a.gml"
    text = PLAIN[name].replace("007", "&secret;").replace("<name>", "<name>&secret;")
    refused(text_file(tmp_path, name, text), "no whole XML text", layer="waypoints" if name == "a.gpx" else None)


def test_a_description_may_hold_a_document_type_as_text(tmp_path):
    more = "<description><![CDATA[<!DOCTYPE html><html>&nbsp;</html>]]></description>"
    sheet = reading.read(text_file(tmp_path, "a.kml", kml(mark(RING, "a", more))), wanted="hazards")
    assert sheet.cells["description"].tolist() == ["<!DOCTYPE html><html>&nbsp;</html>"]


VRT = (
    '<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>secret.geojson</SrcDataSource>'
    "</OGRVRTLayer></OGRVRTDataSource>"
)
GDALG = '{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read secret.geojson"}'
LIARS = ["kml", "gpx", "gml", "dxf", "tab", "mif", "kmz", "zip", "json", "geojson", "shp", "fgb", "parquet", "xlsx"]


@pytest.mark.parametrize("suffix", LIARS)
@pytest.mark.parametrize("text", [VRT, GDALG, "\n  <!-- a --> " + VRT])
def test_instructions_for_gdal_are_refused_under_every_name(tmp_path, monkeypatch, suffix, text):
    def refuse(*given, **more):
        raise AssertionError("GDAL was asked")

    for asked in ("read_info", "list_layers"):
        monkeypatch.setattr(pyogrio, asked, refuse)
    monkeypatch.setattr(pyogrio.raw, "read", refuse)
    (tmp_path / "secret.geojson").write_text(GEOJSON)
    refused(text_file(tmp_path, f"a.{suffix}", text), "instructions for GDAL")
    inside = tmp_path / "b.zip"
    with zipfile.ZipFile(inside, "w") as made:
        made.writestr(f"a.{suffix}", text)
        made.writestr("secret.geojson", GEOJSON)
    if suffix not in {"kmz", "zip"}:
        refused(inside, "instructions for GDAL", layer="a")


@pytest.mark.parametrize("hidden", ["comment", "cell"])
def test_instructions_hidden_in_a_drawing_or_a_table_are_refused(tmp_path, hidden):
    text = f"999\n{VRT}\n  0\nSECTION\n" if hidden == "comment" else f"Version 300\nColumns 1\n a Char(9)\nData\n{VRT}"
    refused(text_file(tmp_path, "a.dxf" if hidden == "comment" else "a.mif", text), "instructions for GDAL")


@pytest.mark.parametrize("suffix", LIARS)
@pytest.mark.parametrize("kind", ["kml", "gpx", "geojson", "dxf"])
def test_a_name_that_lies_is_told(tmp_path, suffix, kind):
    if kind == suffix or {kind, suffix} == {"geojson", "json"}:
        return
    made = {
        "kml": PLAIN["a.kml"],
        "gpx": GPX,
        "geojson": GEOJSON,
        "dxf": "  0\nSECTION\n  2\nENTITIES\n  0\nENDSEC\n  0\nEOF\n",
    }
    refused(text_file(tmp_path, f"a.{suffix}", made[kind]), "but its name says")


@pytest.mark.parametrize("suffix", [*LIARS, "gpkg", "csv"])
@pytest.mark.parametrize("content", [b"", b"\x00" * 100, b"   \n"])
def test_an_empty_file_is_one_error(tmp_path, suffix, content):
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(content)
    refused(path, "is empty")


@pytest.mark.parametrize("text", ["<kml></kml>", "<gpx/>", gml(""), "<html>"])
def test_a_file_without_records_is_an_error(tmp_path, text):
    with pytest.raises(FileError, match=r"has no rows|no layer with rows|is a web page"):
        reading.read(text_file(tmp_path, "a.xml", text), wanted="hazards")


def archive(folder, *entries, name="a.zip"):
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made, pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *given, **more: None)  # a name twice
        for entry, content in entries:
            made.writestr(entry, content)
    return path


def link(name, target):
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info, target


@pytest.mark.parametrize("suffix", ["zip", "kmz"])
@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([("../../a.kml", "x")], "points out of the archive"),
        ([("/etc/a.kml", "x")], "points out of the archive"),
        ([("C:\\a.kml", "x")], "points out of the archive"),
        ([("C:/a.kml", "x")], "points out of the archive"),
        ([("x/..\\..\\a.kml", "x")], "points out of the archive"),
        ([("x\\a.kml", "x")], "has a backslash"),
        ([("a\n.kml", "x")], "points out of the archive, or is no name"),
        ([link("a.kml", "/etc/passwd")], "is a link or a device"),
        ([("a.kml", "x"), ("a.kml", "y")], "stands 2 times"),
        ([("a.kml", "x"), ("A.KML", "y")], "stands 2 times"),
        ([("a.kml", PLAIN["a.kml"]), ("b.zip", "x")], "is an archive inside the archive"),
        ([("a.kml", PLAIN["a.kml"]), ("b.tar.gz", "x")], "is an archive inside the archive"),
        ([(f"{i}.txt", "x") for i in range(30)], "it holds 30 files (limit: 20, archives.MOST_ENTRIES)"),
        ([("doc.kml", " " * 5_000_000)], "-fold when unpacked"),
        ([("doc.kml", os.urandom(2_000_000).hex())], "it unpacks to 4,000,000 bytes (limit: 3,000,000"),
    ],
)
def test_an_archive_that_is_not_to_be_trusted(tmp_path, monkeypatch, entries, said, suffix):
    monkeypatch.setattr(archives, "MOST_ENTRIES", 20)
    monkeypatch.setattr(archives, "MOST_BYTES", 3_000_000)
    monkeypatch.setattr(archives, "SMALL_BYTES", 1_000_000)
    path = archive(tmp_path, *entries, name=f"a.{suffix}")
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.setattr(zipfile.ZipFile, "open", None)  # judged by its directory alone
    refused(path, said)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_bomb_is_refused_at_once_and_takes_no_memory(tmp_path):
    path = archive(tmp_path, ("doc.kml", b"\x00" * 300_000_000), name="bomb.kmz")
    assert path.stat().st_size < 400_000
    started = time.perf_counter()
    refused(path, "-fold when unpacked, to 300,000,000 bytes (limit: 200-fold")
    assert time.perf_counter() - started < 1


def test_an_archive_whose_directory_lies_of_a_size_is_refused(tmp_path):
    path = archive(tmp_path, ("a.geojson", GEOJSON * 20))
    data = path.read_bytes()
    size = len(GEOJSON * 20)
    lie = data.replace(size.to_bytes(4, "little"), (size - 1_000).to_bytes(4, "little"))
    path.write_bytes(lie)
    refused(path, "cannot be unpacked")


def test_an_archive_with_a_password_is_refused(tmp_path):
    path = archive(tmp_path, ("a.geojson", GEOJSON))
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    path.write_bytes(bytes(data))
    refused(path, "is locked with a password")


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("name", ["a.zip", "a.xlsx"])
def test_damage_is_told_however_an_archive_is_packed(tmp_path, method, name):
    path = tmp_path / name
    with zipfile.ZipFile(path, "w", method) as made:
        made.writestr("xl/workbook.xml" if name == "a.xlsx" else "a.geojson", GEOJSON * 40)
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02") // 2
    data[at : at + 12] = bytes(b ^ 0xFF for b in data[at : at + 12])
    path.write_bytes(bytes(data))
    refused(path, "")


def test_a_member_that_lies_beyond_all_numbers_is_told(tmp_path):
    path = archive(tmp_path, ("a.geojson", GEOJSON))
    data = bytearray(path.read_bytes())
    entry, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    extra = struct.pack("<HHQ", 1, 8, 2**64 - 1)  # where the member begins, in 64 bits
    struct.pack_into("<I", data, entry + 42, 2**32 - 1)
    struct.pack_into("<H", data, entry + 30, len(extra))
    struct.pack_into("<I", data, end + 12, end - entry + len(extra))
    path.write_bytes(bytes(data[:end] + extra + data[end:]))
    refused(path, "cannot be unpacked")


def test_nothing_unpacked_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    reading.read(archive(tmp_path, ("a/a.geojson", GEOJSON), ("../x" * 0 + "readme.txt", "x")), wanted="hazards")
    refused(archive(tmp_path, ("a/a.geojson", GEOJSON[:-9]), name="b.zip"), "no whole JSON")
    assert not list((tmp_path / "temporary").iterdir())


def test_an_archive_without_a_layer_says_what_it_holds(tmp_path):
    refused(
        archive(tmp_path, ("letter.docx.txt", "x"), ("a.dbf", "x")), "holds no layer; it holds letter.docx.txt, a.dbf"
    )
    refused(archive(tmp_path, name="b.zip"), "is an empty zip archive")
    refused(archive(tmp_path, ("[Content_Types].xml", "x"), ("word/a.xml", "x"), name="c.zip"), "is an Office document")


def test_a_shapefile_in_a_zip_without_its_parts_is_refused(tmp_path):
    pyogrio.write_dataframe(FRAME, tmp_path / "a.shp")
    path = archive(tmp_path, ("a.shp", (tmp_path / "a.shp").read_bytes()))
    refused(path, "comes without its .shx file")


def test_a_geodatabase_with_links_or_a_cut_table_is_refused(tmp_path):
    path = write(tmp_path, "gdb")
    (tmp_path / "secret").write_text(SECRET)
    linked = tmp_path / "linked.gdb"
    shutil.copytree(path, linked)
    (linked / "a00000009.gdbtable").unlink()
    (linked / "a00000009.gdbtable").symlink_to(tmp_path / "secret")
    refused(linked, "holds links or folders: a00000009.gdbtable")
    table = path / "a00000009.gdbtable"
    table.write_bytes(table.read_bytes()[:-40])
    refused(path, "is missing or cut short")


def test_a_mapinfo_table_of_which_a_part_is_a_link_or_missing_is_refused(tmp_path):
    path = write(tmp_path, "tab")
    data = path.with_suffix(".dat").read_bytes()
    path.with_suffix(".dat").write_bytes(data[:-10])
    refused(path, "its .dat is")
    path.with_suffix(".dat").unlink()
    refused(path, "comes without its .dat")
    (tmp_path / "secret").write_bytes(data)
    path.with_suffix(".dat").symlink_to(tmp_path / "secret")
    refused(path, "is a link to another file")


def test_links_and_schemas_of_gml_are_not_fetched(tmp_path):
    text = gml(
        member(SQUARE, '<c:owner xlink:href="http://192.0.2.1/secret"/>')
        + '<c:member xlink:href="http://192.0.2.1/f"/>'
    ).replace(
        "<c:FeatureCollection",
        '<c:FeatureCollection xsi:schemaLocation="urn:c http://192.0.2.1/c.xsd"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"',
        1,
    )
    sheet = reading.read(text_file(tmp_path, "a.gml", text), wanted="hazards")
    assert sheet.cells["owner"].tolist() == ["http://192.0.2.1/secret"]
    assert "1 features are links to elsewhere (xlink), not followed" in sheet.notes
    for srs in ("/etc/passwd", "http://192.0.2.1/crs", "file:///etc/passwd", "+init=../../secret"):
        with pytest.raises(HazardmapError, match="PROJ does not know"):
            reading.read(text_file(tmp_path, "b.gml", gml(member(SQUARE), srs)), wanted="hazards")


@pytest.mark.parametrize("name", ["a.kml", "a.gpx", "a.gml"])
def test_xml_nested_without_end_is_refused(tmp_path, name):
    deep = "<x>" * 5_000 + "</x>" * 5_000
    text = PLAIN[name].replace("<Polygon>", deep + "<Polygon>").replace("<name>", deep + "<name>")
    text = text.replace("<c:geom>", deep + "<c:geom>")
    layer = "waypoints" if name == "a.gpx" else None
    refused(text_file(tmp_path, name, text), "is nested more than 200 deep", layer=layer)


def test_a_count_that_differs_stops_the_import(tmp_path, monkeypatch):
    for module, counter in (("kml", "xml_elements"), ("gml", "xml_members")):
        real = getattr(reading.kml.counting, counter)
        patched = lambda *given, real=real: {k: v + (v > 0) for k, v in real(*given).items()}  # noqa: E731
        monkeypatch.setattr(reading.kml.counting, counter, patched)
        refused(text_file(tmp_path, f"a.{module}", PLAIN[f"a.{module}"]), "1 rows were read, a second count finds 2")


EXAMPLES = int(os.environ.get("HAZARDMAP_EXAMPLES", "12"))
FUZZED = [
    "kml",
    "kmz",
    "gml",
    "esrijson",
    "gdb",
    "tab",
    "mif",
    "dxf",
    "gpx",
    "shp",
    "shp.zip",
    "gpkg",
    "fgb",
    "parquet",
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    made = {}
    for kind in FUZZED:
        folder = tmp_path_factory.mktemp("whole")
        if kind == "dxf":
            path = drawing(folder / "a.dxf")
        elif kind == "gpx":
            path = text_file(folder, "a.gpx", GPX)
        else:
            path = write(folder, kind)
        files = sorted(path.iterdir()) if path.is_dir() else sorted(p for p in folder.iterdir() if p.is_file())
        made[kind] = (path.relative_to(folder), {f.relative_to(folder): f.read_bytes() for f in files})
    return made


@pytest.mark.parametrize("kind", FUZZED)
@settings(
    max_examples=EXAMPLES,
    deadline=20_000,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_a_damaged_file_is_an_error_or_a_counted_table(whole, tmp_path_factory, kind, data):
    main, files = whole[kind]
    names = [n for n, content in files.items() if content]
    victim = data.draw(st.sampled_from(sorted(names)))
    content = bytearray(files[victim])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(len(content) - 1, 0)))
        change = data.draw(st.sampled_from(["flip", "cut", "drop", "double", "zero"]))
        if change == "flip" and content:
            content[at] = data.draw(st.integers(0, 255))
        elif change == "cut":
            del content[at:]
        elif change == "drop":
            del content[at : at + data.draw(st.integers(1, 40))]
        elif change == "double":
            content[at:at] = content[at : at + 30]
        elif change == "zero":
            content[at : at + 8] = bytes(min(8, len(content) - at))
    folder = tmp_path_factory.mktemp("damaged")
    for name, whole_bytes in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(bytes(content) if name == victim else whole_bytes)
    layer = "tracks" if kind == "gpx" else None
    try:
        sheet = reading.read(folder / main, wanted="hazards", layer=layer)
    except HazardmapError as error:
        three_beats(error)
    else:
        assert sheet.counted == len(sheet.cells) == len(sheet.shapes)
    shutil.rmtree(folder)


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.binary(max_size=200), st.sampled_from(["kml", "gpx", "gml", "dxf", "tab", "mif", "zip", "kmz", "json", "csv"])
)
def test_any_bytes_are_something_or_an_error(tmp_path_factory, content, suffix):
    folder = tmp_path_factory.mktemp("bytes")
    (folder / f"a.{suffix}").write_bytes(content)
    try:
        reading.read(folder / f"a.{suffix}", wanted="hazards", layer=None)
    except HazardmapError as error:
        three_beats(error)
    shutil.rmtree(folder)


def test_only_what_the_central_directory_says_is_read(tmp_path):
    """An entry before the directory that it does not list is nobody's."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as one:
        one.writestr("hidden.geojson", GEOJSON)
    hidden = made.getvalue()
    path = archive(tmp_path, ("a.geojson", GEOJSON))
    path.write_bytes(hidden[: hidden.index(b"PK\x01\x02")] + path.read_bytes())
    assert sniff(path) == "zip"
    assert reading.read(path, wanted="hazards").name == "a.zip/a.geojson"


def test_a_table_that_states_rows_without_width_does_not_count_for_ever(tmp_path):
    path = write(tmp_path, "tab")
    data = bytearray(path.with_suffix(".dat").read_bytes())
    data[4:8], data[10:12] = b"\xff\xff\xff\xff", b"\0\0"
    path.with_suffix(".dat").write_bytes(bytes(data))
    refused(path, "its .dat is")


def test_a_flatgeobuf_whose_index_would_never_end_is_refused(tmp_path):
    from hazardmap.intake import flatgeobuf

    path = write(tmp_path, "fgb")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flatgeobuf, "_header", lambda data, start: (3, 1))
        refused(path, "cut short or damaged")
