"""What is seen of a run while it lasts: on a terminal a bar for all and one for each lab, else a line when one ends."""

import sys
import time
from collections.abc import Mapping
from typing import Any

from tqdm import tqdm

from tcplab.command.execution import Progress, Result
from tcplab.command.foresight import in_words, left_s, pace
from tcplab.command.needs import Need
from tcplab.command.schedule import Schedule


class Shown:
    """The bars, or the lines, on standard error.

    Args:
        needs: of each lab, by its name
        schedule: who runs; it is looked at, and not changed
    """

    def __init__(self, needs: Mapping[str, Need], schedule: Schedule) -> None:
        self._needs, self._schedule = needs, schedule
        self._begun, self._since = time.monotonic(), dict[str, float]()
        self._taken: list[tuple[Need, float]] = []
        self._bars: dict[str, Any] = {}
        self._lines: list[str | None] = []  # whose bar is in which line of the terminal, below the one for all
        self._whole: Any = None
        if sys.stderr.isatty():
            form = "{desc} {bar:24} {elapsed}{postfix}"
            self._whole = tqdm(desc=self._done(), total=1, position=0, leave=False, bar_format=form)
            self.tick()

    def begin(self, name: str) -> None:
        """Show that a lab has begun."""
        self._since[name] = time.monotonic()
        if self._whole is not None:
            line = self._lines.index(None) if None in self._lines else len(self._lines)
            self._lines[line : line + 1] = [name]
            form = "  {desc} {bar:24} {n_fmt}/{total_fmt} cells  {elapsed}"
            self._bars[name] = tqdm(desc=name, total=None, position=line + 1, leave=False, bar_format=form)

    def progress(self, name: str, progress: Progress) -> None:
        """Move a lab's bar."""
        if (bar := self._bars.get(name)) is not None:  # a bar of nothing is false
            bar.total, bar.n = progress.total, progress.done
            bar.refresh()

    def end(self, result: Result) -> None:
        """Take a lab's bar away; without one, say how it ended, and how long the others take."""
        if self._since.pop(result.name, None) is not None and result.passed:
            self._taken.append((self._needs[result.name], result.seconds))
        if self._whole is not None:
            self._lines[self._lines.index(result.name)] = None
            self._bars.pop(result.name).close()
            self.tick()
            return
        left = f", {in_words(self._left_s())}" if self._is_open() else ""
        sys.stderr.write(f"{result.name}  {result.seconds:.1f} s  {result.verdict}  ({self._done()}{left})\n")

    def tick(self) -> None:
        """Let the time go on."""
        if self._whole is not None:
            passed, left = time.monotonic() - self._begun, self._left_s()
            self._whole.n, self._whole.total = passed, passed + left
            self._whole.set_description_str(self._done(), refresh=False)
            self._whole.set_postfix_str(in_words(left), refresh=True)
            for bar in self._bars.values():
                bar.refresh()

    def close(self) -> None:
        """Take all bars away, whatever still runs."""
        for bar in (*self._bars.values(), *([self._whole] if self._whole is not None else [])):
            bar.close()

    def _is_open(self) -> bool:
        return bool(self._schedule.waiting or self._schedule.running)

    def _done(self) -> str:
        open_ = len(self._schedule.waiting) + len(self._schedule.running)
        return f"{len(self._needs) - open_} of {len(self._needs)} labs"

    def _left_s(self) -> float:
        now = time.monotonic()
        ran_s = {name: now - since for name, since in self._since.items()}
        return left_s(self._schedule, self._needs, ran_s, pace=pace(self._taken))
