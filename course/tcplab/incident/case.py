"""A case: an outage drawn from a seed, its report, the learner's diagnosis, and the service under load afterwards."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from types import EllipsisType
from typing import Self

from tcplab.checks.incident import judged_case, judged_unseen
from tcplab.errors import BadValue, NotPermitted
from tcplab.incident.crowds import CROWDS, RARE
from tcplab.incident.herrings import herrings
from tcplab.incident.kind import Kind
from tcplab.incident.kinds import KINDS, in_turn
from tcplab.incident.report import complaint
from tcplab.incident.service import Service
from tcplab.model.evidence import Verdict
from tcplab.model.incident import MECHANISMS, SIDES, Aftermath, Cause, Served, Setup
from tcplab.testbed import Testbed

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
        turns = [tuple(kinds)] if kinds else in_turn(seed, pair=pair)
        self._turns = [tuple(KINDS[name] for name in names) for names in turns]
        self.kinds: tuple[Kind, ...] = self._turns[0]
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

        draw = Random(self.seed)  # noqa: S311 (the same seed, the same case)
        self.kinds = self._possible()
        self.rumours = tuple(herrings(self.service, draw))
        for kind in self.kinds:
            kind.broken(self.service, draw)
        self.complaints = tuple(map(self._complaint, self.kinds))
        self._broken = self.service.setup()
        self.service.restarted.clear()
        return self

    def _possible(self) -> tuple[Kind, ...]:
        """Return the first of what the seed draws that this kernel can have."""
        for kinds in self._turns:
            if all(kind.possible(self.service) for kind in kinds):
                return kinds
        raise NotPermitted(
            f"This kernel, or this machine, cannot have {self._turns[0][-1].name!r}: it tracks no connections."
            " `tcplab doctor` says in the line “a gateway” what is missing."
        )

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
        if self.kinds != self._turns[0]:
            rules.append("No case of conntrack: this kernel tracks no connections (see `tcplab doctor`).")
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

        Those who complained come first; if they still have reason to, the others stay away. Nobody comes where the
        verdict does not hang on them: a wrong diagnosis, a repair that the house forbids.

        Returns: What came of it; `...` while there is no diagnosis.
        """
        if not self._diagnoses:
            return ...
        after = Aftermath(
            tuple(Cause(kind.name, kind.sides, kind.mechanism) for kind in self.kinds),
            tuple(self._diagnoses),
            self._healthy,
            self._broken,
            self.service.setup(),
            {},
            dict(self.service.ports),
            restarted=frozenset(self.service.restarted),
            replaced=frozenset(self.service.replaced),
        )
        if judged_unseen(after) is not None:
            return after
        served, opened = self._load()
        return replace(after, served=served, opened=opened)

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
            before = self.service.opened() if name == "pages" else 0
            served[name] = CROWDS[name](self.service)
            if name == "pages":
                opened = self.service.opened() - before
            if not served[name].all_well and name in first:
                break
        return served, opened
