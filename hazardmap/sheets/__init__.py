"""Sheets: workbooks, text tables and layers that people and programs read answers from.

`workbook` is the one writer of xlsx; `answers` the door for answers about plots, `answers_book`, `answers_csv` and
`answers_layers` the files behind it, `streaming` for files of any length; `terminal` the same on a screen. `findings`
is the door for what an inspection found. Everything shown was computed elsewhere.
"""

from hazardmap.sheets.answers import answers_format, write_answers
from hazardmap.sheets.findings import findings_format, write_findings
from hazardmap.sheets.findings_text import findings_table
from hazardmap.sheets.streaming import can_stream, check_file
from hazardmap.sheets.terminal import counts_table, verdict_table
from hazardmap.sheets.workbook import Block, Column, Line, Page, Sheet, write_workbook

__all__ = [
    "Block",
    "Column",
    "Line",
    "Page",
    "Sheet",
    "answers_format",
    "can_stream",
    "check_file",
    "counts_table",
    "findings_format",
    "findings_table",
    "verdict_table",
    "write_answers",
    "write_findings",
    "write_workbook",
]
