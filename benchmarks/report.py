"""What the figures say of each goal, as a table and as a page of the documentation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

Figures = dict[str, Any]


@dataclass(frozen=True)
class Goal:
    """A line of the goals. value: what was measured; most: the limit, least: the limit from below."""

    number: str
    what: str
    value: float
    most: float | None = None
    least: float | None = None

    @property
    def reached(self) -> bool:
        """Say whether it was reached."""
        return (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)

    @property
    def limit(self) -> str:
        """Return the goal as it is written."""
        return f"≤ {self.most:g}" if self.most is not None else f"≥ {self.least:g}"


def _whole(one: Figures) -> float:
    return float(one["read"] + one["publish"] + one["paper"])


def goals(figures: Figures) -> list[Goal]:
    """Return every goal with its figure."""
    campaigns = {int(size): one for size, one in figures["campaigns"].items()}
    smallest, biggest = campaigns[min(campaigns)], campaigns[max(campaigns)]
    pages, tenth, firm = figures["pages"], figures["pages_tenth"], figures["firm"]
    each = figures["one_by_one"]["seconds"] / figures["one_by_one"]["lines"]
    growth = math.log(_whole(biggest) / _whole(smallest)) / math.log(biggest["lines"] / smallest["lines"])
    few, many = figures["archives"]
    timed = {int(count): one["batches"] for count, one in figures["workers"].items()}
    workers = {int(count): one["batches"] / one["seconds"] for count, one in figures["workers"].items()}
    idle, busy = figures["meanwhile"]["idle"]["p95"], figures["meanwhile"]["busy"]["p95"]
    memory, archive = biggest["memory"] / smallest["memory"], many["memory"] / few["memory"]
    more = [pages[name][1] - pages[name][0] for name in ("menu_queries", "list_queries", "rates_queries")]
    one, far = pages["list_small"], pages["list_far"]
    return [
        Goal("1", "whole campaign against COPY of its file", _whole(biggest) / biggest["copy"], most=12),
        Goal("2", "the same, power of the size it grows with", growth, most=1.05),
        Goal(
            "3", "objects validated one by one, against the same", each * biggest["lines"] / _whole(biggest), least=10
        ),
        Goal("4", f"peak memory, {max(campaigns)} against {min(campaigns)}", memory, most=1.2),
        Goal("5", f"badge, {pages['places']} places against one", pages["badge_big"] / pages["badge_small"], most=5),
        Goal("5", "badge, table ten times larger", pages["badge_small"] / tenth["badge_small"], most=2),
        Goal("6", "first page of notifications, the same two", pages["list_big"] / one, most=2),
        Goal("6", "hundredth page, against the first of one", far / one, most=2),
        Goal("7", "queries more for many: menu, notifications, rates", sum(map(abs, more)), most=0),
        Goal("8", "menu against a bare page, requests a second", pages["bare"] / pages["menu"], least=0.5),
        Goal("9", "notifications against the same", pages["bare"] / pages["list_big"], least=0.3),
        Goal("9", "fifty clients against the same", firm["bare"] / firm["list"], least=0.3),
        Goal("10", f"access of {firm['clients']} clients against one row", firm["access"] / firm["one_row"], most=30),
        Goal("11", "p95 of the menu while a campaign is published", busy / idle, most=2),
        Goal("12", "documents a minute, one process", 60 * many["documents"] / many["seconds"], least=10_000),
        Goal("12", "memory, archive of 1 000 against 100", archive, most=1.2),
        Goal("13", f"publication, 2 workers against 1 ({timed[2]} batches timed)", workers[2] / workers[1], least=1.6),
        Goal("13", "publication, 4 workers against 1, told only", workers[4] / workers[1], least=0),
        Goal("14", "DSN against reading its lines", figures["dsn"]["parsed"] / figures["dsn"]["read"], most=5),
        Goal("15", "same campaign again, against COPY", biggest["again"] / biggest["copy"], most=0.5),
        Goal("15", "rows written by it", biggest["again_written"], most=0),
        Goal("16", "badge, all but three archived", pages["archived_badge"] / pages["archived_small"], most=5),
        Goal("16", "list, the same", pages["archived_list"] / one, most=5),
        Goal("17", "Python calls of the menu", pages["menu_calls"], most=9_000),
    ]


def table(found: list[Goal]) -> str:
    """Return the goals as a table in Markdown."""
    rows = [f"| {one.number} | {one.what} | {_shown(one.value)} | {one.limit} | {_verdict(one)} |" for one in found]
    return "\n".join(["| # | what | measured | goal | |", "|---|---|---|---|---|", *rows])


def _verdict(one: Goal) -> str:
    return "reached" if one.reached else "**missed**"


def _shown(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ") if value >= 100 else f"{value:.2f}"


def page(figures: Figures) -> str:
    """Return docs/benchmarks.md; what is below « ## Misses » in it is written by hand, in benchmarks/misses.md."""
    from benchmarks.world import ROOT

    biggest = figures["campaigns"][max(figures["campaigns"], key=int)]
    misses = (ROOT / "benchmarks" / "misses.md").read_text()
    took = f"COPY {biggest['copy']:.2f} s, read {biggest['read']:.1f} s, publish {biggest['publish']:.1f} s"
    where = "\n".join(f"| {name} | {value} |" for name, value in figures["machine"].items())
    return f"""# Benchmarks

Written by `make bench SIZE={figures["size"]}`; the figures themselves are in `benchmarks/results.json`. Only ratios
carry over to another machine, and each is of one run.

| | |
|---|---|
{where}
| campaign | {biggest["lines"]} lines: {took} |

{table(goals(figures))}

{misses}"""
