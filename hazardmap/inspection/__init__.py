"""The inspection of a programme: what is wrong or doubtful in its records, each with the place where it is.

`catalogue` has the checks as data; `outlines`, `twins`, `neighbours`, `places`, `figures`, `chronology`, `districts`
and `closing` make them; `inspecting` gathers what they find into one table.
"""

from hazardmap.inspection.catalogue import CHECKS, SEVERITIES, Check, Thresholds
from hazardmap.inspection.findings import COLUMNS
from hazardmap.inspection.inspecting import inspect

__all__ = ["CHECKS", "COLUMNS", "SEVERITIES", "Check", "Thresholds", "inspect"]
