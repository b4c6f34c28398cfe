"""A case: an outage drawn from a seed, its report, the learner's diagnosis, and the service under load afterwards."""

from collections.abc import Sequence
from pathlib import Path
from random import Random
from types import EllipsisType
from typing import Self

from tcplab.checks.incident import judged_case
from tcplab.errors import BadValue
from tcplab.incident.crowds import CROWDS, RARE
from tcplab.incident.herrings import herrings
from tcplab.incident.kind import Kind
from tcplab.incident.kinds import KINDS, PAIRS
from tcplab.incident.report import complaint
from tcplab.incident.service import Service
from tcplab.model.evidence import Verdict
from tcplab.model.incident import MECHANISMS, SIDES, Aftermath, Cause, Served, Setup
from tcplab.observe.counters import counters
from tcplab.testbed import Testbed

_OVERFLOW = "TcpExtTCPTimeWaitOverflow"
_FILES = ("proxy.conf", "shop.py")

_newest: "Incident | None" = None


class Incident:
    """An outage somewhere between client, proxy and backend; the same seed makes the same.

    Args:
        seed: A whole number.
        pair: Whether two things are wrong at once.
        kinds: Names of kinds, in place of what the seed would draw.
        folder: Where the files of the service are put; "incident-SEED" beside the notebook by default.

    >>> case = Incident(2026).up()                                      # doctest: +SKIP
    >>> print(case.report)                                              # doctest: +SKIP
    >>> case.diagnose(side="proxy", mechanism="no pool")                # doctest: +SKIP
    >>> case.verdict()                                                  # doctest: +SKIP
    """

    def __init__(
        self, seed: int, *, pair: bool = False, kinds: Sequence[str] = (), folder: str | Path | None = None
    ) -> None:
        if type(seed) is not int:
            raise BadValue("seed", seed, "a whole number")
        if unknown := [name for name in kinds if name not in KINDS]:
            raise BadValue("kinds", unknown[0], ", ".join(KINDS))
        self.seed = seed
        self._draw = Random(seed)  # noqa: S311 (the same seed, the same case)
        drawn = self._draw.choice(PAIRS) if pair else (self._draw.choice(list(KINDS)),)
        self.kinds: tuple[Kind, ...] = tuple(KINDS[name] for name in kinds or drawn)
        self.folder = Path(folder or f"incident-{seed}").absolute()
        self.bed = Testbed.proxied(link="wire")
        self.service = Service(self.bed, self.folder)
        self.complaints: tuple[Served, ...] = ()
        self.rumours: tuple[str, ...] = ()
        self._diagnoses: list[tuple[str, str]] = []
        self._healthy = self._broken = Setup({}, {})

    def __repr__(self) -> str:
        return f"Incident({self.seed}), {'up' if self.bed.is_up else 'down'}"

    def up(self) -> Self:
        """Bring the service up, break it, and hear what its users say; the case before goes down."""
        global _newest
        if _newest is not None:
            _newest.down()
        _newest = self
        self.bed.up()
        for name in _FILES:
            self.service.write(name)
        self.service.start()
        self._healthy = self.service.setup()

        self.rumours = tuple(herrings(self.service, self._draw))
        for kind in self.kinds:
            kind.broken(self.service, self._draw)
        self.complaints = tuple(map(self._complaint, self.kinds))
        self._broken = self.service.setup()
        self.service.restarted.clear()
        return self

    def _complaint(self, kind: Kind) -> Served:
        if len(self.kinds) > 1:
            self.service.a_minute_later()
        return CROWDS[kind.seen or kind.crowd](self.service)

    def down(self) -> None:
        """End the service and its world; the files stay."""
        self.service.stop()
        self.bed.down()

    @property
    def report(self) -> str:
        """Return what users say, what colleagues say, and the rules of the house."""
        said = [complaint(served) for served in self.complaints]
        rules = [
            f"House rule: the {host} uses ports {lowest} to {highest} only. The firewall lets no others through."
            for host, (lowest, highest) in self.service.ports.items()
        ]
        return "\n".join([*said, *self.rumours, *rules])

    def asked_again(self) -> str:
        """Let those who complain try again, and return what they say now."""
        return "\n".join(complaint(self._complaint(kind)) for kind in self.kinds)

    def diagnose(self, *, side: str | EllipsisType = ..., mechanism: str | EllipsisType = ...) -> None:
        """Say what is wrong; where two things are, say it twice.

        Args:
            side: "client", "proxy", "backend", or a wire: "front" (client to proxy), "back" (proxy to backend).
            mechanism: One of `MECHANISMS`.

        Raises:
            BadValue: There is no such side, or no such mechanism.
        """
        if isinstance(side, EllipsisType) or isinstance(mechanism, EllipsisType):
            return
        if side not in SIDES:
            raise BadValue("side", side, ", ".join(SIDES))
        if mechanism not in MECHANISMS:
            raise BadValue("mechanism", mechanism, ", ".join(MECHANISMS))
        said = [one for one in self._diagnoses if one != (side, mechanism)]
        self._diagnoses = [*said, (side, mechanism)][-len(self.kinds) :]

    # ---- what a learner may do, besides typing in the hosts

    def reload(self) -> None:
        """Let nginx read proxy.conf again."""
        self.service.reload()

    def restart(self, name: str = "shop.py") -> None:
        """Start a program of the service again, from its file.

        Raises:
            BadValue: No such program runs here.
        """
        if name not in self.service.programs:
            raise BadValue("name", name, ", ".join(self.service.programs))
        self.service.restart(name)

    def replace(self, wire: str) -> None:
        """Have a cable exchanged: "front" or "back"."""
        if wire not in self.bed.wires:
            raise BadValue("wire", wire, ", ".join(self.bed.wires))
        self.service.replace(wire)

    def a_minute_later(self) -> None:
        """Let every TIME_WAIT be over, without waiting for it."""
        self.service.a_minute_later()

    def recorded_repair(self) -> None:
        """Mend it, as the one who broke it would."""
        for kind in self.kinds:
            kind.mended(self.service)

    # ---- afterwards

    def examined(self) -> Aftermath | object:
        """Put the service under load, after a minute of rest.

        Those who complained come first; if they still have reason to, the others stay away.

        Returns: What came of it; `...` while there is no diagnosis.
        """
        if not self._diagnoses:
            return ...
        now = self.service.setup()
        before = {name: counters(host) for name, host in self.bed.hosts.items()}
        served, opened = self._load()
        overflows = {name: (counters(host) - before[name]).get(_OVERFLOW, 0) for name, host in self.bed.hosts.items()}
        return Aftermath(
            tuple(Cause(kind.name, kind.sides, kind.mechanism) for kind in self.kinds),
            tuple(self._diagnoses),
            self._healthy,
            self._broken,
            now,
            served,
            dict(self.service.ports),
            overflows,
            opened,
            frozenset(self.service.restarted),
            frozenset(self.service.replaced),
        )

    def verdict(self) -> Verdict:
        """Judge diagnosis, repair and what else works, under load."""
        return judged_case(self.examined())

    def _load(self) -> tuple[dict[str, Served], int]:
        first = [kind.crowd for kind in self.kinds]
        others = [name for name in CROWDS if name not in first and name not in RARE]
        served: dict[str, Served] = {}
        opened = 0
        for name in (*first, *others):
            if name in first or self.service.ports:
                self.service.a_minute_later()
            before = self.service.opened()
            served[name] = CROWDS[name](self.service)
            if name == "pages":
                opened = self.service.opened() - before
            if not served[name].all_well and name in first:
                break
        return served, opened
