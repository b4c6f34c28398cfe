"""Why a machine forbids namespaces: the locks that are met in the field, and the key to each."""

import os
from dataclasses import dataclass
from pathlib import Path

PERMIT = "sudo sysctl -w {}"
AS_USER = {
    "Docker": "docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined"
    " --security-opt systempaths=unconfined …",
    "Podman": "podman run --security-opt unmask=ALL --security-opt seccomp=unconfined …",
}
AS_ROOT = {
    "Docker": "docker run --cap-add SYS_ADMIN --cap-add NET_ADMIN --security-opt apparmor=unconfined"
    " --security-opt systempaths=unconfined …",
    "Podman": "podman run --cap-add SYS_ADMIN,NET_ADMIN,NET_RAW …",
}
# Whoever runs these gives a learner no say in it.
HOSTED = ("Binder", "Colab", "Kubernetes")

# Of each kind of namespace that a world makes: what it is called, and what for.
NAMESPACES = {
    "net": "network namespaces to everyone; each host of a lab is one",
    "user": "user namespaces to everyone; a world begins with one",
    "pid": "process namespaces to everyone; with its own a world ends whole",
    "mnt": "mount namespaces to everyone; in its own a world has its /proc",
    "uts": "namespaces of host names to everyone; a host has a name",
}


@dataclass(frozen=True, slots=True)
class Locks:
    """What the machine says of namespaces, before anything is tried.

    A number is None where the kernel has no such sysctl. none_allowed holds the kinds of NAMESPACES whose limit is 0.
    """

    root: bool
    apparmor_restricts: int | None
    unprivileged_clone: int | None
    none_allowed: tuple[str, ...]
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
            none_allowed=tuple(kind for kind in NAMESPACES if _number(f"user/max_{kind}_namespaces") == 0),
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
    for kind in locks.none_allowed:
        if kind != "user" or not locks.root:
            limit = f"user.max_{kind}_namespaces"
            return Cause(f"{limit}=0 forbids {NAMESPACES[kind]}.", PERMIT.format(f"{limit}=10000"))
    if locks.container in HOSTED:
        return Cause(
            f"{locks.container} runs this in a container without leave to make namespaces, and lets nobody change that."
            " The labs need a Linux machine of your own, virtual or not. There:",
            "./env/up",
        )
    if locks.root:
        return Cause(
            f"{locks.container or 'What runs this'} gave its root no CAP_SYS_ADMIN, so no host can be made here.",
            in_container(locks),
        )
    if not locks.user_namespaces_built_in:
        return Cause("This kernel was built without user namespaces (CONFIG_USER_NS).", "vagrant up")
    if locks.unprivileged_clone == 0:
        return Cause(
            "Debian's kernel.unprivileged_userns_clone=0 keeps user namespaces for root; a world begins with one.",
            PERMIT.format("kernel.unprivileged_userns_clone=1"),
        )
    if locks.filtered:
        return Cause(
            f"{locks.container or 'This process'} runs under a seccomp filter that refuses unshare();"
            " Docker's default profile does. Start the container with it lifted.",
            in_container(locks),
        )
    if locks.apparmor_restricts:
        return Cause(
            "Ubuntu's AppArmor takes every capability from a user namespace of an ordinary user"
            " (kernel.apparmor_restrict_unprivileged_userns=1), so no host can be made in it."
            " The command lifts that until the machine restarts; README.md names a narrower way.",
            PERMIT.format("kernel.apparmor_restrict_unprivileged_userns=0"),
        )
    return Cause(f"The machine refused it, and none of the known locks is closed. unshare said: {said}", "vagrant up")


def in_container(locks: Locks) -> str:
    """Return the command that starts a container in which a world can be made."""
    return (AS_ROOT if locks.root else AS_USER)["Podman" if locks.container == "Podman" else "Docker"]


def _number(name: str) -> int | None:
    try:
        return int(Path("/proc/sys", name).read_text())
    except (OSError, ValueError):
        return None


def _container() -> str:
    """The kind of container that this runs in; empty on a machine or in a virtual one."""
    if "COLAB_RELEASE_TAG" in os.environ:
        return "Colab"
    if "BINDER_LAUNCH_HOST" in os.environ or "BINDER_SERVICE_HOST" in os.environ:
        return "Binder"
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
