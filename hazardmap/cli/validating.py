"""The command that looks a programme over: validate.

Spells the public verbs; knows no geometry.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import hazardmap as hm
from hazardmap import sheets, tables, words
from hazardmap.cli.showing import Steps, plain
from hazardmap.errors import SchemaError
from hazardmap.inspection import CHECKS
from hazardmap.inspection.catalogue import chosen

if TYPE_CHECKING:
    import argparse


def add_commands(commands: Any) -> None:
    """Describe the command of this file."""
    check = commands.add_parser(
        "validate",
        help="list what is wrong or doubtful in a programme",
        description="List every fault of the tables, and what is doubtful in the records: duplicates, outlines, areas,"
        " dates, districts, closed hazards with ground left. Nothing in the programme is changed.",
        epilog=f"checks: {', '.join(CHECKS)}. {words.DISCLAIMER} {words.ABSENCE}",
    )
    check.add_argument("programme", type=Path, metavar="PROGRAMME")
    check.add_argument(
        "-o",
        "--output",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="write all findings: .xlsx, .gpkg (fault points and lines for QGIS), .csv, .geojson; may be repeated",
    )
    check.add_argument(
        "--only", action="append", default=[], metavar="CHECK", help="make this check only; may be repeated"
    )
    check.add_argument("--skip", action="append", default=[], metavar="CHECK", help="leave it out; may be repeated")
    check.add_argument(
        "--threshold",
        dest="thresholds",
        action="append",
        default=[],
        metavar="NAME=NUMBER",
        help="from where on something is a finding, e.g. leg_m=2000; may be repeated",
    )
    check.add_argument(
        "--limit", type=int, metavar="N", help="findings shown of each check (default: 3, and all faults of tables)"
    )
    check.add_argument("--strict", action="store_true", help="exit 1 when there are errors")
    check.set_defaults(run=_validate)


def _validate(options: argparse.Namespace) -> int:
    limits = hm.Thresholds.of(_numbers(options.thresholds))
    wanted = chosen(options.only, options.skip)
    for file in options.output:
        sheets.findings_format(file)
    with Steps(len(wanted) + 1 + len(options.output)) as step:
        step("reading the programme")
        programme = hm.read(options.programme)
        findings = hm.inspect(programme, only=wanted, thresholds=limits, progress=step)
        for file in options.output:
            step("saving")
            sheets.write_findings(findings, file, programme=programme)
    faults = hm.validate(programme)
    held = sum(int(programme.table(n)["quarantined"].notna().sum()) for n in tables.TABLES if n != "history")
    print(sheets.findings_table(findings, programme, limit=options.limit))
    count = f"{len(faults):,} fault{'' if len(faults) == 1 else 's'}"
    print(f"\n{count}; {held:,} rows are quarantined already. {plain(repr(programme))}")
    for file in options.output:
        print(f"Saved {plain(str(file))}.")
    return 1 if options.strict and findings["severity"].eq("error").any() else 0


def _numbers(given: list[str]) -> dict[str, str]:
    values = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise SchemaError(f"--threshold {text!r}", "name=number", "e.g. --threshold leg_m=2000")
        values[name.strip()] = value
    return values
