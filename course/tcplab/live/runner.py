"""A benchmark run from a form: its rounds drawn as they arrive, and a stop that leaves nothing running."""

import contextlib
import threading
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

import traitlets

from tcplab.errors import BadValue, TcplabError, WorldDown
from tcplab.live.source import script, style
from tcplab.live.view import View
from tcplab.model.benchmark import Benchmark, Run
from tcplab.model.load import RANGES, Load, Refused
from tcplab.model.rounds_so_far import compared, lines, tiers
from tcplab.testbed import Testbed
from tcplab.traffic.benchmark import benchmark
from tcplab.traffic.variants import WAYS, ways
from tcplab.world.errand import Errand, Stopped

_NEEDED = {"client", "proxy", "backend"}
_WANTED = (
    "a bed of Testbed.proxied() that is up, for the form compares ways through a proxy and past it;"
    " on any other bed benchmark({…}) compares what you give it"
)
_ENDS_WITHIN_S = 20.0
_busy: "WeakKeyDictionary[Testbed, Runner]" = WeakKeyDictionary()
_taking = threading.Lock()


def runner(bed: Testbed, **form: Any) -> "Runner":
    """Show a form that runs a benchmark through a proxy and past it: "off", "on", "pool" and "direct".

    Args:
        bed: One of Testbed.proxied() that is up; with link="wire" there is a round trip to choose.
        form: What the form shows first: rounds=5, requests=300, concurrency=1, persistent=False, rtt_ms=0,
            variants=("off", "on", "pool", "direct").

    Raises:
        BadValue: It is no such bed, or the form cannot hold such a value.

    >>> runner(bed, persistent=True)       # doctest: +SKIP
    """
    if not set(getattr(bed, "hosts", ())) >= _NEEDED:
        raise BadValue("bed", bed, _WANTED)
    wires = list(bed.wires)
    try:
        load = Load(WAYS, wire=wires[0] if wires else "").typed(form, WAYS, wires)
    except Refused as refused:
        raise BadValue(refused.field, form.get(refused.field), refused.says) from None
    return Runner(bed, load)


class Runner(View):
    """A form, the run that it began, and what has arrived of it. `result` is the last benchmark that ran to its end."""

    _esm = script("copy.js", "code.js", "rounds.js", "runner.js")
    _css = style("runner.css")
    period_s = 0.2

    ranges = traitlets.Dict({name: list(both) for name, both in RANGES.items()}).tag(sync=True)
    known = traitlets.List(list(WAYS)).tag(sync=True)
    wires = traitlets.List().tag(sync=True)
    form = traitlets.Dict().tag(sync=True)
    progress = traitlets.Dict().tag(sync=True)
    drawn = traitlets.Dict().tag(sync=True)
    code = traitlets.Unicode().tag(sync=True)

    def __init__(self, bed: Testbed, load: Load) -> None:
        self._bed = bed
        self._load = load
        self._ran: Load | None = None  # what the runs below are of
        self._runs: list[Run] = []
        self._said = ""
        self._begun_s = 0.0
        self._errand = Errand()
        self._worker: threading.Thread | None = None
        self.result: Benchmark | None = None
        super().__init__(wires=list(bed.wires))
        self._publish()

    @property
    def runs(self) -> bool:
        """Whether a benchmark of this form runs now."""
        return self._worker is not None and self._worker.is_alive()

    def _again(self) -> None:
        self._bed.again()
        self._publish()

    # ---- looked at

    def _look(self) -> None:
        self._publish()
        if not self._bed.is_up:
            raise WorldDown("bed")

    def _publish(self) -> None:
        runs, load = list(self._runs), self._ran or self._load
        self.form = {
            **self._load.numbers,
            "variants": list(self._load.variants),
            "persistent": self._load.persistent,
            "wire": self._load.wire,
        }
        self.code = self._load.code
        self.progress = self._progress(runs)
        self.drawn = {
            "variants": list(load.variants),
            "lines": lines(runs, load.variants),
            "compared": compared(runs, load.variants) if runs else [],
            "tiers": tiers(runs, load.variants),
        }
        self.lead = self._lead()
        self.words = self.twin()

    def _progress(self, runs: list[Run]) -> dict[str, Any]:
        load = self._ran
        if load is None or not self.runs:
            return {"runs": False, "done": len(runs)}
        total = load.rounds * len(load.variants)
        left_s = (monotonic() - self._begun_s) / len(runs) * (total - len(runs)) if runs else None
        says = f"round {min(len(runs) // len(load.variants) + 1, load.rounds)} of {load.rounds}"
        left = "" if left_s is None else f", about {max(1, round(left_s))} s left"
        return {"runs": True, "done": len(runs), "total": total, "says": says + left}

    def _lead(self) -> str:
        if self.runs:
            return f"{self._ran}."
        if self._said:
            return self._said
        if self._ran is None:
            return f"Not run yet. {self._load}."
        return " ".join(row["says"] for row in self.drawn["compared"])

    def twin(self) -> str:
        """Return what was found, as a table a variant; and the code that does the same."""
        told = [self.lead]
        told += [row["says"] for row in self.drawn["compared"] if self._said and row["low"]]
        for row in self.drawn["tiers"]:
            opened, left = (_counts(row[name]) for name in ("opened", "time_waits"))
            told.append(f"{row['variant']:<6} {row['ms']:.3f} ms; opened by {opened}; TIME_WAITs left: {left}")
        return "\n".join([*told, "", self.code])

    # ---- asked

    def do_change(self, **form: Any) -> dict[str, Any]:
        """Take what was typed into the form; what cannot be is told beside its field."""
        try:
            self._load = self._load.typed(form, WAYS, list(self._bed.wires))
        except Refused as refused:
            button = "" if refused.field == "variants" else f"Put {refused.value} back"
            return {"wrong": refused.field, "says": refused.says, "button": button, "value": refused.value}
        self._publish()
        return {}

    def do_run(self) -> dict[str, Any]:
        """Begin; one at a time on a bed."""
        if not self._bed.is_up:
            raise WorldDown("bed")
        with _taking:
            other = _busy.get(self._bed)
            if other is self:
                return {"refused": "It runs already. Let it end, or stop it."}
            if other is not None:
                refused = "Another benchmark runs on this bed. Let it end, or stop it."
                return {"refused": refused, "button": "Stop that one", "do": "stop_other"}
            _busy[self._bed] = self
        self._ran, self._runs, self._said = self._load, [], ""
        self._errand, self._begun_s = Errand(), monotonic()
        self._worker = threading.Thread(target=self._work, args=(self._load, self._errand), daemon=True)
        self._worker.start()
        self._publish()
        return {}

    def do_stop(self) -> dict[str, Any]:
        """End the run that is under way; when this returns, nothing of it runs."""
        self._errand.stop()
        if self._worker is not None:
            self._worker.join(_ENDS_WITHIN_S)
        self._publish()
        return {}

    def do_stop_other(self) -> dict[str, Any]:
        """Stop the benchmark of another form on this bed, which may be out of the page."""
        other = _busy.get(self._bed)
        return {} if other is None else other.do_stop()

    def close(self) -> None:
        """Stop, and look no more."""
        self._errand.stop()
        super().close()

    # ---- the run, in a thread of its own

    def _work(self, load: Load, errand: Errand) -> None:
        try:
            with errand, contextlib.ExitStack() as running:
                self._measure(load, running)
        except Exception as error:  # noqa: BLE001 (whatever ends the thread is told in the picture)
            self._said = self._told(error, errand)
        finally:
            _busy.pop(self._bed, None)

    def _measure(self, load: Load, running: contextlib.ExitStack) -> None:
        bed = self._bed
        hosts = list(bed.hosts.values())
        all_ways = running.enter_context(
            ways(
                bed.client,
                bed.proxy,
                bed.backend,
                requests=load.requests,
                concurrency=load.concurrency,
                persistent=load.persistent,
            )
        )
        if load.rtt_ms:
            running.enter_context(bed.wires[load.wire].delay(rtt_ms=load.rtt_ms))
        variants = {name: all_ways[name] for name in load.variants}
        self.result = benchmark(variants, hosts=hosts, rounds=load.rounds, each=self._runs.append)

    def _told(self, error: Exception, errand: Errand) -> str:
        whole = sum(None not in line for line in lines(self._runs, (self._ran or self._load).variants))
        after = f"after {whole} whole round{'' if whole == 1 else 's'}" if whole else "before its first round was whole"
        if errand.stopped or isinstance(error, Stopped):
            return f"Stopped {after}. Nothing of it runs any more."
        if not self._bed.is_up:
            return f"The world went down {after}."
        known = isinstance(error, TcplabError | OSError)
        return f"It ended {after}. {error if known else f'{type(error).__name__}: {error}'}"


def _counts(counts: dict[str, float]) -> str:
    return ", ".join(f"{host} {count:,.0f}" for host, count in counts.items())
