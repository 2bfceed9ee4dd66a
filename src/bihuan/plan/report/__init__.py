"""Plans on paper: one self-contained HTML page with charts and the tables behind them, or an Excel workbook.

`write_html(summaries, path)` and `write_workbook(summaries, path)`; the first summary is the one told in full, all of
them stand side by side. `write_sheets` writes tables of one's own choice as a workbook.
"""

from bihuan.plan.report.page import write_html
from bihuan.plan.report.workbook import write_sheets, write_workbook

__all__ = ["write_html", "write_sheets", "write_workbook"]
