"""The trainer's board: every copy of a scenario with its missions, who is stuck first (decision 0021)."""

import datetime as dt
from dataclasses import dataclass

from sandbox import rules
from sandbox.mission.file import missions_of
from sandbox.mission.progress import Progress, progress_of, world_of
from sandbox.models import Advance, Copy


@dataclass(frozen=True)
class Row:
    """One trainee. since: when something was last achieved, by the portal's clock.

    stuck: how long nothing was since then, in real time; None when all is accomplished.
    """

    copy: Copy
    cells: list[Progress]
    since: dt.datetime
    stuck: dt.timedelta | None

    @property
    def accomplished(self) -> int:
        """How many missions are."""
        return sum(cell.current is None for cell in self.cells)

    @property
    def on(self) -> Progress | None:
        """The mission he is on: the one begun last and not accomplished, else the first that is not begun."""
        open_ones = [cell for cell in self.cells if cell.current]
        begun = [cell for cell in open_ones if cell.latest]
        return max(
            begun, key=lambda cell: cell.latest.timestamp() if cell.latest else 0.0, default=next(iter(open_ones), None)
        )


def board(scenario: str, now: dt.datetime) -> list[Row]:
    """Return the rows of a scenario's copies, whoever is stuck longest first: four queries, whatever their number."""
    copies = list(Copy.objects.filter(scenario=scenario, state=Copy.State.READY).order_by("number"))
    worlds = [world_of(copy) for copy in copies]
    done = progress_of(worlds, missions_of(scenario), now)
    jumps = [
        (advance.from_at, advance.landed_at or advance.reached_at) for advance in Advance.objects.order_by("from_at")
    ]
    rows = []
    for world, copy, cells in zip(worlds, copies, done, strict=True):
        last = max([world.since, *(cell.latest for cell in cells if cell.latest)])
        over = all(cell.current is None for cell in cells)
        rows.append(Row(copy, cells, last, None if over else rules.lived(last, now, jumps)))
    return sorted(rows, key=lambda row: (row.stuck is None, -(row.stuck or dt.timedelta()), row.copy.number))
