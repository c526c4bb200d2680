"""Answers about plots of land: which are released, what lies on the others, and why.

`index` prepares a programme for a day, `pieces` cuts plots up with the compiled sweep, `meanings` asks the rule about
each piece, `confirming` looks again by a second method, `verdicts` decides, `answering` and `telling` put it into a
table and into words; `plots` is the public question.
"""

from hazardmap.checks.explaining import Explanation, explain
from hazardmap.checks.lines import check_lines
from hazardmap.checks.plots import PlotIndex, check_plots, plot_index

__all__ = ["Explanation", "PlotIndex", "check_lines", "check_plots", "explain", "plot_index"]
