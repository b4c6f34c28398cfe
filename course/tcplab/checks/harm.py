"""What a repair of an outage must not do: take a safeguard away, or what the house forbids."""

from tcplab.checks.exercise import not_yet
from tcplab.model.evidence import Verdict
from tcplab.model.incident import Aftermath


def judged_harm(after: Aftermath) -> Verdict | None:
    """Judge whether a safeguard was switched off; None where none was."""
    for host, value in after.changed("tcp_max_tw_buckets").items():
        if int(value) < int(after.healthy.settings[host]["tcp_max_tw_buckets"]) // 2 and int(value) < 1000:
            return not_yet(
                "A tcp_max_tw_buckets this small destroys TIME_WAITs at birth. Requests may go through now; what"
                " TIME_WAIT is for, you have switched off (labs 03 and 06).",
                expected="TIME_WAITs that live their minute",
                got=f"tcp_max_tw_buckets={value} on the {host}",
                misconception="fewer TIME_WAITs are better",
            )
    for host, value in after.changed("tcp_timestamps").items():
        if value == "0":
            return not_yet(
                "Without timestamps tcp_tw_reuse does nothing, and old duplicates have an open door (labs 05 and 12).",
                expected="tcp_timestamps=1",
                got=f"tcp_timestamps=0 on the {host}",
            )
    for name, text in after.now.files.items():
        if "SO_LINGER" in text and "SO_LINGER" not in after.broken.files.get(name, ""):
            return not_yet(
                "SO_LINGER with 0 closes by RST: no TIME_WAIT, and whatever is still on its way is thrown away.",
                expected="connections that end with FIN",
                got=f"SO_LINGER in {name}",
                misconception="SO_LINGER 0 is the cure",
            )
        if "non_idempotent" in text:
            return not_yet(
                "nginx may now send an order again whose answer was lost: some will be booked twice."
                " Mend why they fail.",
                expected="orders that nobody has to repeat",
                got=f"non_idempotent in {name}",
                misconception="a retry mends a race",
            )
    if "invalid" in after.broken.firewall and "invalid" not in after.now.firewall:
        return not_yet(
            "A firewall without that rule takes in what belongs to nothing, from anybody; the house wants it. Who lets"
            " a line rest for so long, and who forgets it so soon?",
            expected="a firewall that drops what is invalid",
            got="one that does not",
            misconception="no firewall, no outage",
        )
    return None


def judged_house_rule(after: Aftermath) -> Verdict | None:
    """Judge whether a host uses ports that the house's firewall drops; None where it keeps the rule."""
    for host, (lowest, highest) in after.ports.items():
        low, high = map(int, after.now.settings[host]["ip_local_port_range"].split())
        if low < lowest or high > highest:
            return not_yet(
                "It would go through here, and not in the house: its firewall drops what comes from other ports."
                " Do with fewer connections, or use the ports again.",
                expected=f"the {host} on ports {lowest} to {highest}",
                got=f"ip_local_port_range={low} {high}",
                misconception="more ports are always to be had",
            )
    return None
