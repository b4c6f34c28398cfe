"""The distribution's own package manager: the command that installs a package, which has Debian's name here."""

import shutil

# The package nginx starts a server on Debian's port 80, which no lab wants; Fedora's stays stopped.
APT = {"nginx": "nginx && sudo systemctl disable --now nginx"}
DNF = {
    "apache2-utils": "httpd-tools",
    "conntrack": "conntrack-tools",
    "iproute2": "iproute",
    "procps": "procps-ng",
}


def install(package: str, *, again: bool = False) -> str:
    """Return the command, by the first manager that is here.

    >>> install("tcpdump").endswith("tcpdump")
    True
    """
    if shutil.which("apt-get"):
        return f"sudo apt-get install {'--reinstall ' if again else ''}{APT.get(package, package)}"
    if shutil.which("dnf"):
        return f"sudo dnf {'reinstall' if again else 'install'} {DNF.get(package, package)}"
    return f"install, with this machine's package manager: {package}"


def unpacks() -> bool:
    """Whether ./env/up can unpack packages on this machine: it needs apt for that."""
    return shutil.which("apt-get") is not None
