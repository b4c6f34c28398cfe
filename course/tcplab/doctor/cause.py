"""Why a machine forbids namespaces: the four locks that are met in the field, and the key to each."""

import os
from dataclasses import dataclass
from pathlib import Path

PERMIT = "sudo sysctl -w {}"
IN_CONTAINER = (
    "docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined"
    " --security-opt systempaths=unconfined …"
)

AS_ROOT = (
    "docker run --cap-add SYS_ADMIN --cap-add NET_ADMIN --security-opt apparmor=unconfined"
    " --security-opt systempaths=unconfined …"
)


@dataclass(frozen=True, slots=True)
class Locks:
    """What the machine says of namespaces, before anything is tried.

    A number is None where the kernel has no such sysctl.
    """

    root: bool
    apparmor_restricts: int | None
    unprivileged_clone: int | None
    max_user_namespaces: int | None
    max_net_namespaces: int | None
    user_namespaces_built_in: bool
    container: str
    filtered: bool

    @classmethod
    def seen(cls) -> "Locks":
        """Read them from this machine."""
        return cls(
            root=os.geteuid() == 0,
            apparmor_restricts=_number("kernel/apparmor_restrict_unprivileged_userns"),
            unprivileged_clone=_number("kernel/unprivileged_userns_clone"),
            max_user_namespaces=_number("user/max_user_namespaces"),
            max_net_namespaces=_number("user/max_net_namespaces"),
            user_namespaces_built_in=Path("/proc/self/ns/user").exists(),
            container=_container(),
            filtered=_seccomp_mode() == 2,
        )


@dataclass(frozen=True, slots=True)
class Cause:
    """One lock, named: what it means, and the command that opens it."""

    meaning: str
    mend: str


def cause(locks: Locks, said: str) -> Cause:
    """Name the lock that explains why a user or network namespace was refused.

    Args:
        said: what `unshare` answered, shown where no known lock explains it.
    """
    if locks.max_net_namespaces == 0:
        return Cause(
            "user.max_net_namespaces=0 forbids network namespaces to everyone; each host of a lab is one.",
            PERMIT.format("user.max_net_namespaces=10000"),
        )
    if locks.root:
        return Cause(
            f"{locks.container or 'What runs this'} gave its root no CAP_SYS_ADMIN, so no host can be made here.",
            AS_ROOT,
        )
    if not locks.user_namespaces_built_in:
        return Cause("This kernel was built without user namespaces (CONFIG_USER_NS).", "vagrant up")
    if locks.max_user_namespaces == 0:
        return Cause(
            "user.max_user_namespaces=0 forbids user namespaces to everyone; a world begins with one.",
            PERMIT.format("user.max_user_namespaces=10000"),
        )
    if locks.unprivileged_clone == 0:
        return Cause(
            "Debian's kernel.unprivileged_userns_clone=0 keeps user namespaces for root; a world begins with one.",
            PERMIT.format("kernel.unprivileged_userns_clone=1"),
        )
    if locks.filtered:
        return Cause(
            f"{locks.container or 'This process'} runs under a seccomp filter that refuses unshare();"
            " Docker's default profile does. Start the container with it lifted.",
            IN_CONTAINER,
        )
    if locks.apparmor_restricts and not locks.root:
        return Cause(
            "Ubuntu's AppArmor takes every capability from a user namespace of an ordinary user"
            " (kernel.apparmor_restrict_unprivileged_userns=1), so no host can be made in it."
            " The command lifts that until the machine restarts.",
            PERMIT.format("kernel.apparmor_restrict_unprivileged_userns=0"),
        )
    return Cause(f"The machine refused it, and none of the known locks is closed. unshare said: {said}", "vagrant up")


def _number(name: str) -> int | None:
    try:
        return int(Path("/proc/sys", name).read_text())
    except (OSError, ValueError):
        return None


def _container() -> str:
    """The kind of container that this runs in; empty on a machine or in a virtual one."""
    if Path("/run/.containerenv").exists():
        return "Podman"
    if Path("/.dockerenv").exists():
        return "Docker"
    if "KUBERNETES_SERVICE_HOST" in os.environ:
        return "Kubernetes"
    return os.environ.get("container", "")  # noqa: SIM112 (systemd-nspawn and LXC write it small)


def _seccomp_mode() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("Seccomp:"):
            return int(line.split()[1])
    return 0
