"""Make a small world for the blink of an eye, and see how far it gets."""

import errno
import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from tcplab.doctor.attempt import Attempt, attempt
from tcplab.doctor.cause import Locks, cause, in_container
from tcplab.doctor.report import Check, Found
from tcplab.world.environment import path_variable

PROBE = Path(__file__).with_name("probe.py")

OWN_USER = ("--user", "--map-current-user", "--keep-caps")
OWN_NETWORK = ("--net",)
OWN_PROCESSES = ("--uts", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")

TRIES = {
    "name": ("host name", "A host of a lab has one.", "sudo sysctl -w user.max_uts_namespaces=10000"),
    "veth": ("veth pair", "A veth pair is the cable between two hosts.", "sudo modprobe veth"),
    "packet": ("packet socket", "The wire sees each segment through one.", "sudo modprobe af_packet"),
    "ring": ("packet ring", "Without it the wire would lose segments in a large transfer.", "sudo modprobe af_packet"),
    "sysctl": ("/proc/sys/net", "Labs change kernel parameters, in a host only.", "sudo mount -o remount,rw /proc/sys"),
    "diag": ("sock_diag", "sockets() asks the kernel through it, as ss does.", "sudo modprobe tcp_diag"),
    "low port": (
        "listen on port 80",
        "The labs' web server listens there, in its host.",
        "sudo sysctl -w net.ipv4.ip_unprivileged_port_start=80",
    ),
}


REFUSALS = (os.strerror(errno.EPERM), os.strerror(errno.EACCES))


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
    locks = Locks.seen()
    for key, (name, meaning, mend) in TRIES.items():
        said = answers[key]
        if not said:
            checks.append(Check(name, Found.WORKS, "tried in a namespace"))
            continue
        if locks.root and said.startswith(REFUSALS):
            meaning, mend = f"{meaning} The root here was given no capability for it.", in_container(locks)  # noqa: PLW2901
        elif locks.filtered and said.startswith(REFUSALS):
            meaning, mend = f"{meaning} A seccomp filter refuses it.", in_container(locks)  # noqa: PLW2901
        elif locks.container and "modprobe" in mend:
            meaning += " The command is for the machine, outside the container."  # noqa: PLW2901
        checks.append(Check(name, Found.FAILS, f"the kernel said: {said}", meaning, mend))
    return checks


def _refused(unshare: str, user: Sequence[str], whole: Attempt) -> list[Check]:
    """Find the first namespace that is refused, and name who refuses it."""
    rest = [_not_tried(row[0]) for row in TRIES.values()]
    smaller = attempt([unshare, *user, *OWN_NETWORK, "true"])
    locks = Locks.seen()
    if smaller.worked and not locks.none_allowed:
        return [Check("namespaces", Found.WORKS, "user and network"), _proc_refused(whole.said), *rest]

    said = whole.said if smaller.worked else smaller.said
    why = cause(locks, said)
    return [Check("namespaces", Found.FAILS, f"refused: {said}", why.meaning, why.mend), _not_tried("own /proc"), *rest]


def _proc_refused(said: str) -> Check:
    locks, covered = Locks.seen(), _covered()
    if locks.apparmor_restricts and not locks.root:
        why = cause(locks, said)
        return Check("own /proc", Found.FAILS, said, why.meaning, why.mend)

    meaning = "A world mounts a /proc of its own, so that it sees its processes only. "
    if covered:
        meaning += f"Here parts of /proc are masked or read-only ({covered}), and then the kernel allows no other."
    elif locks.filtered:
        meaning += "A seccomp filter refuses mount()."
    return Check("own /proc", Found.FAILS, said, meaning, in_container(locks))


def _covered() -> str:
    """The first few places in /proc that something else is mounted on, as Docker and Podman do."""
    mounted = (row.split()[4] for row in Path("/proc/self/mountinfo").read_text().splitlines())
    parts = sorted({place for place in mounted if place.startswith("/proc/") and "binfmt_misc" not in place})
    return " ".join([*parts[:3], "…"] if len(parts) > 3 else parts)


def _not_tried(name: str) -> Check:
    return Check(name, Found.ABSENT, "not tried: there is no namespace to try it in")
