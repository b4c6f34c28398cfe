"""The states of a close, where more than one list of them is true."""

from tcplab.checks.paths import ACTIVE, PASSIVE, judged_paths
from tcplab.model.evidence import Outcome


def test_a_path_may_go_on_until_the_socket_is_gone() -> None:
    """TIME_WAIT ends in CLOSED a minute later; who writes that down is right."""
    assert judged_paths({"server": [*ACTIVE, "CLOSED"], "client": PASSIVE}, "server").passed


def test_only_the_active_closer_goes_on_from_time_wait() -> None:
    """The passive closer has no TIME_WAIT, whatever follows it."""
    verdict = judged_paths({"server": ACTIVE, "client": [*ACTIVE, "CLOSED"]}, "server")
    assert verdict.outcome is Outcome.NOT_YET
