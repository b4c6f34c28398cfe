"""Make a small world for the blink of an eye, and see how far it gets."""

import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from tcplab.doctor.attempt import Attempt, attempt
from tcplab.doctor.cause import Locks, cause
from tcplab.doctor.report import Check, Found
from tcplab.world.environment import path_variable

PROBE = Path(__file__).with_name("probe.py")

OWN_USER = ("--user", "--map-current-user", "--keep-caps")
OWN_NETWORK = ("--net",)
OWN_PROCESSES = ("--mount", "--pid", "--fork", "--kill-child", "--mount-proc")

TRIES = {
    "veth": ("veth pair", "A veth pair is the cable between two hosts.", "sudo modprobe veth"),
    "packet": ("packet socket", "The wire sees each segment through one.", "sudo modprobe af_packet"),
    "ring": ("packet ring", "Without it the wire may lose segments in a large transfer.", "sudo modprobe af_packet"),
    "sysctl": ("/proc/sys/net", "Labs change kernel parameters, in a host only.", "sudo mount -o remount,rw /proc/sys"),
    "diag": ("sock_diag", "sockets() asks the kernel through it, as ss does.", "sudo modprobe tcp_diag"),
    "low port": (
        "listen on port 80",
        "The labs' web server listens there, in its host.",
        "sudo sysctl -w net.ipv4.ip_unprivileged_port_start=80",
    ),
}
OPTIONAL = {"ring"}


def checked_namespaces() -> list[Check]:
    """Try what a world is made of, in namespaces that end with the try."""
    unshare = shutil.which("unshare", path=path_variable())
    if unshare is None:
        return [_not_tried(name) for name in ("namespaces", "own /proc", *(row[0] for row in TRIES.values()))]

    probe = (sys.executable, "-I", "-S", str(PROBE))
    user = () if os.geteuid() == 0 else OWN_USER  # as a world does: root needs no user namespace
    answer = attempt([unshare, *user, *OWN_NETWORK, *OWN_PROCESSES, *probe])
    if not answer.worked:
        return _refused(unshare, user, answer)
    kind = "user, network, process and mount" if user else "network, process and mount (as root)"
    return [Check("namespaces", Found.WORKS, kind), *_tried(json.loads(answer.output))]


def _tried(answers: dict[str, str]) -> list[Check]:
    said = answers["proc"]
    checks = [_proc_refused(said) if said else Check("own /proc", Found.WORKS, "tried in a namespace")]
    for key, (name, meaning, mend) in TRIES.items():
        said = answers[key]
        if said:
            found = Found.ABSENT if key in OPTIONAL else Found.FAILS
            checks.append(Check(name, found, f"the kernel said: {said}", meaning, mend))
        else:
            checks.append(Check(name, Found.WORKS, "tried in a namespace"))
    return checks


def _refused(unshare: str, user: Sequence[str], whole: Attempt) -> list[Check]:
    """Find the first namespace that is refused, and name who refuses it."""
    rest = [_not_tried(row[0]) for row in TRIES.values()]
    smaller = attempt([unshare, *user, *OWN_NETWORK, "true"])
    if smaller.worked:
        return [Check("namespaces", Found.WORKS, "user and network"), _proc_refused(whole.said), *rest]

    why = cause(Locks.seen(), smaller.said)
    seen = f"refused: {smaller.said}"
    return [Check("namespaces", Found.FAILS, seen, why.meaning, why.mend), _not_tried("own /proc"), *rest]


def _proc_refused(said: str) -> Check:
    locks = Locks.seen()
    if locks.apparmor_restricts and not locks.root:
        why = cause(locks, said)
        return Check("own /proc", Found.FAILS, said, why.meaning, why.mend)

    meaning = (
        "A world mounts a /proc of its own, so that it sees its processes only."
        " Docker masks parts of /proc, and then the kernel allows no other."
    )
    mend = "docker run --security-opt systempaths=unconfined --security-opt seccomp=unconfined …"
    return Check("own /proc", Found.FAILS, said, meaning, mend)


def _not_tried(name: str) -> Check:
    return Check(name, Found.ABSENT, "not tried: there is no namespace to try it in")
