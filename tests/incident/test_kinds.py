"""Every kind of outage, from several seeds each: not solved, repaired in vain, repaired."""

from collections.abc import Callable
from pathlib import Path

import pytest
from incidents import LONG, SEEDS, at_hand, solvable
from tcplab.incident.case import Incident
from tcplab.incident.kinds import KINDS
from tcplab.incident.service import Service

every = pytest.mark.parametrize("name", KINDS)


@every
@pytest.mark.parametrize("seed", SEEDS)
def test_can_be_solved(name: str, seed: int, tmp_path: Path) -> None:
    """Unsolved fails, a plausible wrong repair gets its own message, the recorded repair passes."""
    solvable(name, seed, tmp_path)


@pytest.mark.long
@every
@pytest.mark.parametrize("seed", LONG)
def test_can_be_solved_from_more_seeds(name: str, seed: int, tmp_path: Path) -> None:
    """The same, from seven seeds more."""
    solvable(name, seed, tmp_path)


def probes(service: Service) -> None:
    """Let nginx ask for probes, and let them come sooner than the firewall forgets."""
    service.sysctl(service.bed.proxy, tcp_keepalive_time=1)
    service.edit("proxy.conf", "proxy_http_version", "proxy_socket_keepalive  on;\n            proxy_http_version")
    service.reload()


def memory(seconds: int) -> Callable[[Service], None]:
    """Let the firewall remember for longer."""
    return lambda service: service.sysctl(service.bed.backend, nf_conntrack_tcp_timeout_established=seconds)


@pytest.mark.parametrize(
    ("cure", "says"),
    [(probes, "before somebody on its way forgets it"), (memory(300), "forgets it"), (memory(5), "After 5 s")],
    ids=["probes", "a long memory", "a memory that is longer, and too short"],
)
def test_what_else_cures_a_nat_that_forgets(cure: Callable[[Service], None], says: str, tmp_path: Path) -> None:
    """The recorded repair is one of three; a load that goes well by luck is none."""
    case = Incident(1, kinds=["NAT that forgets"], folder=tmp_path)
    try:
        at_hand(case)
        case.diagnose(side="backend", mechanism="middle forgets")
        cure(case.service)
        assert says in case.verdict().message
    finally:
        case.down()
