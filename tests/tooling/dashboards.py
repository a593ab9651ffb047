"""Grafana's dashboards from their short description: compares the role's files with it, or with --write writes them.

The role, and the module that shows a dashboard without Grafana, read the files: they need no library for it.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.builders import prometheus, stat, timeseries
from grafana_foundation_sdk.builders.common import VizLegendOptions
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import LegendDisplayMode, LegendPlacement
from grafana_foundation_sdk.models.dashboard import DataSourceRef

from tests.tooling.dashboard_contents import DASHBOARDS, Board, Panel

FOLDER = Path(__file__).resolve().parents[2] / "roles" / "monitoring" / "files" / "dashboards"
DATASOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
COLUMNS = 24


@dataclass(frozen=True)
class File:
    path: Path
    text: str


def main(arguments: list[str]) -> int:
    files = [File(FOLDER / f"{board.uid}.json", text_of(board)) for board in DASHBOARDS]
    if arguments == ["--write"]:
        FOLDER.mkdir(parents=True, exist_ok=True)
        for file in files:
            file.path.write_text(file.text, encoding="utf-8")
        return 0
    wrong = sorted(path.name for path in stale(files))
    if wrong:
        print(f"{', '.join(wrong)}: not what tests/tooling/dashboard_contents.py says; run make docs and commit it.")
    return 1 if wrong else 0


def stale(files: list[File]) -> Iterator[Path]:
    yield from set(FOLDER.glob("*.json")) - {file.path for file in files}
    yield from (file.path for file in files if not file.path.exists() or file.path.read_text("utf-8") != file.text)


def text_of(board: Board) -> str:
    built = (
        build.Dashboard(board.title)
        .uid(board.uid)
        .description(board.description)
        .tags(["loggy"])
        .time("now-1h", "now")
        .refresh("30s")
        .with_variable(build.DatasourceVariable("datasource").label("Prometheus").type("prometheus"))
    )
    ids = itertools.count(1)
    for title, panels in board.rows:
        built.with_row(build.Row(title).id(next(ids)))
        for panel in panels:
            built.with_panel(panel_of(panel, COLUMNS // len(panels)).id(next(ids)))
    return json.dumps(built.build(), cls=JSONEncoder, indent=1, sort_keys=True) + "\n"


def panel_of(panel: Panel, width: int) -> stat.Panel | timeseries.Panel:
    if panel.kind == "stat":
        shown: stat.Panel | timeseries.Panel = stat.Panel().height(4)
    else:
        legend = VizLegendOptions().display_mode(LegendDisplayMode.LIST).placement(LegendPlacement.BOTTOM)
        shown = timeseries.Panel().height(8).fill_opacity(10).legend(legend.show_legend(True)).min(0)
    shown.title(panel.title).description(panel.description).unit(panel.unit).span(width).datasource(DATASOURCE)
    for number, (legend_format, expr) in enumerate(panel.queries.items()):
        query = prometheus.Dataquery().ref_id(chr(ord("A") + number)).expr(expr).legend_format(legend_format)
        shown.with_target(query.instant() if panel.kind == "stat" else query.range())
    return shown


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
