"""What a repair of an outage must not do: take a safeguard away, or what the house forbids."""

from enum import Enum

from tcplab.checks.exercise import not_yet
from tcplab.checks.misconception import Misconception
from tcplab.model.evidence import Verdict
from tcplab.model.incident import Aftermath


class Harm(Misconception, Enum):
    """What those may think who mend an outage by taking a safeguard away."""

    FEWER = (
        "fewer TIME_WAITs are better",
        (
            "A tcp_max_tw_buckets this small destroys TIME_WAITs at birth. Requests may go through now; what TIME_WAIT"
            " is for, you have switched off (labs 03 and 06)."
        ),
    )
    LINGER = (
        "SO_LINGER 0 is the cure",
        "SO_LINGER with 0 closes by RST: no TIME_WAIT, and whatever is still on its way is thrown away.",
    )
    RETRY = (
        "a retry mends a race",
        "nginx may now send an order again whose answer was lost: some will be booked twice. Mend why they fail.",
    )
    NO_FIREWALL = (
        "no firewall, no outage",
        (
            "A firewall without that rule takes in what belongs to nothing, from anybody; the house wants it. Who lets"
            " a line rest for so long, and who forgets it so soon?"
        ),
    )
    MORE_PORTS = (
        "more ports are always to be had",
        (
            "It would go through here, and not in the house: its firewall drops what comes from other ports. Do with"
            " fewer connections, or use the ports again."
        ),
    )


def judged_harm(after: Aftermath) -> Verdict | None:
    """Judge whether a safeguard was switched off; None where none was."""
    for host, value in after.changed("tcp_max_tw_buckets").items():
        if int(value) < int(after.healthy.settings[host]["tcp_max_tw_buckets"]) // 2 and int(value) < 1000:
            got = f"tcp_max_tw_buckets={value} on the {host}"
            return not_yet(Harm.FEWER, expected="TIME_WAITs that live their minute", got=got)
    for host, value in after.changed("tcp_timestamps").items():
        if value == "0":
            return not_yet(
                "Without timestamps tcp_tw_reuse does nothing, and old duplicates have an open door (labs 05 and 12).",
                expected="tcp_timestamps=1",
                got=f"tcp_timestamps=0 on the {host}",
            )
    for name, text in after.now.files.items():
        if "SO_LINGER" in text and "SO_LINGER" not in after.broken.files.get(name, ""):
            return not_yet(Harm.LINGER, expected="connections that end with FIN", got=f"SO_LINGER in {name}")
        if "non_idempotent" in text:
            return not_yet(Harm.RETRY, expected="orders that nobody has to repeat", got=f"non_idempotent in {name}")
    if "invalid" in after.broken.firewall and "invalid" not in after.now.firewall:
        return not_yet(Harm.NO_FIREWALL, expected="a firewall that drops what is invalid", got="one that does not")
    return None


def judged_house_rule(after: Aftermath) -> Verdict | None:
    """Judge whether a host uses ports that the house's firewall drops; None where it keeps the rule."""
    for host, (lowest, highest) in after.ports.items():
        low, high = map(int, after.now.settings[host]["ip_local_port_range"].split())
        if low < lowest or high > highest:
            wanted, got = f"the {host} on ports {lowest} to {highest}", f"ip_local_port_range={low} {high}"
            return not_yet(Harm.MORE_PORTS, expected=wanted, got=got)
    return None
