"""What a world's first process is to make: the ip(8) commands and sysctls of each part."""

from collections.abc import Sequence
from ipaddress import IPv4Interface, IPv6Interface, ip_interface
from pathlib import Path
from typing import Any

from tcplab.world.shape import Link, Shape, Span

# Bounded windows: what hosts may have on the way at once fits the wire's ring.
_WIRE_SYSCTLS = {"/proc/sys/net/ipv4/tcp_rmem": "4096 131072 524288"}
_ONE_QUEUE = "/proc/sys/net/core/rps_default_mask"


class Plan:
    """What the world's first process is to make."""

    def __init__(self, shape: Shape, link: Link, mtu: int) -> None:
        self.parts: dict[str, dict[str, Any]] = {}
        self.interfaces: dict[str, list[IPv4Interface | IPv6Interface]] = {}
        self._six = Path("/proc/sys/net/ipv6").is_dir()
        for number, span in enumerate(shape.spans, start=1):
            for host, _, addresses in span.ends:
                self.parts.setdefault(
                    host, _part("host", ["link set lo up"], dict(_WIRE_SYSCTLS) if link == "wire" else {})
                )
                self.interfaces.setdefault(host, []).extend(map(ip_interface, self._usable(addresses)))
            self._lay(number, span, link, mtu)
        for host, commands in shape.routes.items():
            self.parts[host]["setup"] += commands
        for host, values in shape.sysctls.items():
            self.parts[host]["sysctls"].update(values)

    def _one_queue(self) -> dict[str, str]:
        """Return what makes one queue of a device's arrivals; kernels before 6.3 have no such sysctl in a namespace."""
        # Without it each CPU has its own: connect() sends its first bytes from one while the handshake's ACK,
        # sent a moment before, still lies in the queue of another. Two of 3,000 connections began out of order.
        return {_ONE_QUEUE: "1"} if Path(_ONE_QUEUE).exists() else {}

    def _usable(self, addresses: Sequence[str]) -> list[str]:
        return [address for address in addresses if self._six or ":" not in address]

    def _lay(self, number: int, span: Span, link: Link, mtu: int) -> None:
        macs = [f"02:00:00:00:{number:02x}:{end:02x}" for end in (1, 2)]
        (left, left_device, _), (right, right_device, _) = span.ends
        if link == "veth":
            self._add((left, left_device, macs[0]), (right, right_device, macs[1]), mtu)
        else:
            wire = self.parts[span.name] = _part("wire", [], self._one_queue())
            wire.update(mtu=mtu, hosts=[left, right])
            for (host, device, _), mac in zip(span.ends, macs, strict=True):
                self._add((span.name, host, None), (host, device, mac), mtu)
                wire["links"] += _quiet(host)
                wire["devices"].append(host)
        for (host, device, addresses), (_, _, others), mac in zip(
            span.ends, reversed(span.ends), reversed(macs), strict=True
        ):
            part = self.parts[host]
            part["devices"].append(device)
            part["setup"] += _quiet(device)
            part["setup"] += [
                f"address add {address} dev {device}{' nodad' if ':' in address else ''}"
                for address in self._usable(addresses)
            ]
            part["setup"] += [
                f"neighbour add {ip_interface(other).ip} lladdr {mac} dev {device} nud permanent"
                for other in self._usable(others)
            ]

    def _add(self, near: tuple[str, str, str | None], far: tuple[str, str, str], mtu: int) -> None:
        """Add a link: at each end a part of the world, its device, the device's address (None: the kernel's choice)."""
        # Every index in the world is another: where both ends of a link have the same one, the kernel
        # takes its time, up to a second, over the news that the link is up (linkwatch_urgent_event).
        made = sum(len(part["links"]) for part in self.parts.values())
        maker, device, mac = near
        other, other_device, other_mac = far
        address = f" address {mac}" if mac else ""
        self.parts[maker]["links"].append(
            f"link add {device} index {2 + 2 * made}{address} mtu {mtu} type veth"
            f" peer name {other_device} index {3 + 2 * made} address {other_mac} mtu {mtu} netns {{{other}}}"
        )

    def names(self) -> dict[str, list[str]]:
        """Return what can be resolved in this world: host → its addresses."""
        return {host: [str(i.ip) for i in interfaces] for host, interfaces in self.interfaces.items()}

    def hosts_file(self) -> str:
        """Return the world's /etc/hosts."""
        lines = ["127.0.0.1 localhost", "::1 localhost"]
        return "\n".join(lines + [f"{a} {host}" for host, found in self.names().items() for a in found]) + "\n"


def _part(kind: str, setup: list[str], sysctls: dict[str, str]) -> dict[str, Any]:
    return {"kind": kind, "links": [], "setup": setup, "devices": [], "sysctls": sysctls}


def _quiet(device: str) -> list[str]:
    """Bring a device up without any chatter: no ARP, no neighbour discovery, no link-local address."""
    return [f"link set {device} arp off addrgenmode none", f"link set {device} up"]
