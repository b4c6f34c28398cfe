"""An outage as values: what was wrong, what the learner says, what the service does under load afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass, field

SIDES = ("client", "proxy", "backend", "front", "back")
"""Where a cause can lie: a host, or a wire (front: client to proxy; back: proxy to backend)."""

MECHANISMS: Mapping[str, str] = {
    "range too small": "ip_local_port_range has too few ports for what is open, or rests in TIME_WAIT",
    "no pool": "each request has a connection of its own to the next tier",
    "pool too small": "there is a pool, and fewer places in it than requests at once",
    "timeouts cross": "one side of a pool closes what the other still takes for open",
    "connections leak": "a program leaves connections behind that it never closes",
    "TIME_WAIT cut short": "tcp_max_tw_buckets is full, and new TIME_WAITs are destroyed at birth",
    "backlog overflows": "more connections wait for accept() than may",
    "no timestamps": "one side has tcp_timestamps off, so tcp_tw_reuse finds nothing it may reuse",
    "ports bound": "a program took its ports with bind(), and so for every destination",
    "upstream hangs": "a process that answers nothing, on a host whose kernel still does",
    "upstream is dead": "a machine that answers nothing at all, and is sent requests still",
    "middle forgets": "a NAT or firewall has forgotten connections that both ends believe in",
    "segments lost": "a link drops some segments, and always the same kind",
    "closed by reset": "a program closes with RST, and throws away what is still on its way",
    "too many TIME_WAITs": "TIME_WAITs pile up on the side that is connected to",
    "FIN_WAIT2 too long": "orphans in FIN_WAIT2 rest longer than tcp_fin_timeout should let them",
}
"""What can be wrong, by the name that `diagnose` takes."""


@dataclass(frozen=True, slots=True, repr=False)
class Served:
    """What became of a crowd of users.

    Args:
        who: which crowd
        asked: how many requests
        well: how many were answered as they should be
        faults: how many came to what else: a status, an errno's name, "timeout", "cut off"
    """

    who: str
    asked: int
    well: int
    faults: Mapping[str, int] = field(default_factory=dict)

    @property
    def all_well(self) -> bool:
        """Whether nobody has anything to complain of."""
        return self.well == self.asked

    def __repr__(self) -> str:
        faults = "".join(f", {count} × {what}" for what, count in self.faults.items())
        return f"{self.who}: {self.well} of {self.asked} well{faults}"


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that is wrong: the kind of outage, the sides that may be named for it, the mechanism."""

    kind: str
    sides: tuple[str, ...]
    mechanism: str


@dataclass(frozen=True, slots=True)
class Setup:
    """How the service is set up at one moment.

    Args:
        settings: by host, sysctls by name, as text
        files: nginx's configuration and the programs, by name
        firewall: the backend's rules, where it has some
    """

    settings: Mapping[str, Mapping[str, str]]
    files: Mapping[str, str]
    firewall: str = ""


@dataclass(frozen=True, slots=True)
class Aftermath:
    """A case after a learner was at it, and the service was put under load.

    Args:
        causes: what was wrong
        diagnoses: what the learner says: sides and mechanisms
        healthy: how all was set up before the outage
        broken: how all was set up when the learner came
        now: how it is set up
        served: by crowd; a crowd that the outage is about comes first, and where it is not served well the others
            do not come; none, where nothing that they could say would change the verdict
        ports: by host, the ports that it may use (lowest, highest), where the house has a rule for that
        opened: connections that the proxy opened for the `pages`
        restarted: programs that were started again
        replaced: wires that were exchanged
    """

    causes: tuple[Cause, ...]
    diagnoses: tuple[tuple[str, str], ...]
    healthy: Setup
    broken: Setup
    now: Setup
    served: Mapping[str, Served]
    ports: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    opened: int = 0
    restarted: frozenset[str] = frozenset()
    replaced: frozenset[str] = frozenset()

    def changed(self, name: str) -> dict[str, str]:
        """Return host → value of a sysctl, where the learner has changed it."""
        return {
            host: values[name]
            for host, values in self.now.settings.items()
            if values.get(name) != self.broken.settings[host].get(name)
        }

    def edited(self, name: str) -> bool:
        """Tell whether the learner has changed a file."""
        return self.now.files.get(name) != self.broken.files.get(name)
