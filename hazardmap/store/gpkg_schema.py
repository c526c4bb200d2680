"""The SQL of an empty GeoPackage and of one layer in it (OGC 12-128r19), as GDAL and QGIS expect to find it.

Text only. Names are quoted by `quoted`; nothing from data is ever put into SQL otherwise.
"""

# ruff: noqa: S608 (every name below is quoted by `quoted`, and none comes from data)
from __future__ import annotations

APPLICATION_ID = 0x47504B47
#: Declared as 1.3, which older desktops open without a warning; only the triggers are 1.4's, and they are plain SQL.
USER_VERSION = 10300
#: Tables that belong to the format or to SQLite, not to anyone's data.
SYSTEM_PREFIXES = ("gpkg_", "rtree_", "sqlite_")
STYLES_TABLE = "layer_styles"

_WGS84 = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],'
    'AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,'
    'AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]'
)

EMPTY = f"""
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {USER_VERSION};
CREATE TABLE gpkg_spatial_ref_sys (
    srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL,
    organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
INSERT INTO gpkg_spatial_ref_sys VALUES
    ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined Cartesian coordinate reference system'),
    ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate reference system'),
    ('WGS 84 geodetic', 4326, 'EPSG', 4326, '{_WGS84}',
     'longitude/latitude coordinates in decimal degrees on the WGS 84 spheroid');
CREATE TABLE gpkg_contents (
    table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE, description TEXT DEFAULT '',
    last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
    min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
    CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (
    table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL,
    z TINYINT NOT NULL, m TINYINT NOT NULL,
    CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
    CONSTRAINT uk_gc_table_name UNIQUE (table_name),
    CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
    CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE gpkg_extensions (
    table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,
    CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
"""

STYLES = f"""
CREATE TABLE {STYLES_TABLE} (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
    f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('{STYLES_TABLE}', 'attributes', '{STYLES_TABLE}');
"""


def quoted(name: str) -> str:
    """Quote a name for SQL.

    Examples
    --------
    >>> print(quoted('odd "name'))
    "odd ""name"
    """
    return '"' + name.replace('"', '""') + '"'


def index_table(table: str, geometry: str) -> str:
    """Give the SQL of a layer's spatial index; to be filled before the triggers are there."""
    return f"CREATE VIRTUAL TABLE {quoted(f'rtree_{table}_{geometry}')} USING rtree(id, minx, maxx, miny, maxy);"


def index_triggers(table: str, geometry: str, key: str) -> str:
    """Give the SQL that keeps a layer's spatial index right when QGIS edits it (GeoPackage 1.4, annex F.3)."""
    name = f"rtree_{table}_{geometry}"
    i, g, t, r = quoted(key), quoted(geometry), quoted(table), quoted(name)
    full, none = "({0}.{1} NOTNULL AND NOT ST_IsEmpty({0}.{1}))", "({0}.{1} ISNULL OR ST_IsEmpty({0}.{1}))"
    new, old = full.format("NEW", g), full.format("OLD", g)
    no_new, no_old = none.format("NEW", g), none.format("OLD", g)
    box = f"NEW.{i}, ST_MinX(NEW.{g}), ST_MaxX(NEW.{g}), ST_MinY(NEW.{g}), ST_MaxY(NEW.{g})"
    rules = {
        "insert": f"AFTER INSERT ON {t} WHEN {new} BEGIN INSERT OR REPLACE INTO {r} VALUES ({box}); END",
        "update2": f"AFTER UPDATE OF {g} ON {t} WHEN OLD.{i} = NEW.{i} AND {no_new}"
        f" BEGIN DELETE FROM {r} WHERE id = OLD.{i}; END",
        "update4": f"AFTER UPDATE ON {t} WHEN OLD.{i} != NEW.{i} AND {no_new}"
        f" BEGIN DELETE FROM {r} WHERE id IN (OLD.{i}, NEW.{i}); END",
        "update5": f"AFTER UPDATE ON {t} WHEN OLD.{i} != NEW.{i} AND {new}"
        f" BEGIN DELETE FROM {r} WHERE id = OLD.{i}; INSERT OR REPLACE INTO {r} VALUES ({box}); END",
        "update6": f"AFTER UPDATE OF {g} ON {t} WHEN OLD.{i} = NEW.{i} AND {new} AND {old}"
        f" BEGIN UPDATE {r} SET minx = ST_MinX(NEW.{g}), maxx = ST_MaxX(NEW.{g}),"
        f" miny = ST_MinY(NEW.{g}), maxy = ST_MaxY(NEW.{g}) WHERE id = NEW.{i}; END",
        "update7": f"AFTER UPDATE OF {g} ON {t} WHEN OLD.{i} = NEW.{i} AND {new} AND {no_old}"
        f" BEGIN INSERT INTO {r} VALUES ({box}); END",
        "delete": f"AFTER DELETE ON {t} WHEN OLD.{g} NOT NULL BEGIN DELETE FROM {r} WHERE id = OLD.{i}; END",
    }
    return "".join(f"CREATE TRIGGER {quoted(f'{name}_{rule}')} {sql};\n" for rule, sql in rules.items())
