"""uv, which installs everything else: pinned, hashed, fetched with whatever pip there is."""

import os
import re
import sys
from pathlib import Path

import debian
from place import CACHE, PINS, TOOLS, UV, clean_environment, digest, fresh, put
from say import Refused, doing, run, tail

AGAIN = "See that the network is there, and run the same command again: what was fetched is kept."
UNTRUSTED = (
    "The network's certificate is not trusted here. Mend: sudo apt-get install ca-certificates, or add your network's"
)


def environment() -> dict[str, str]:
    """What uv and pip see: caches in the project, the machine's own certificates."""
    env = clean_environment()
    known = "SSL_CERT_FILE" in env or Path("/etc/ssl/certs/ca-certificates.crt").exists()
    if not known and debian.available():
        bundle = str(debian.certificates())
        return env | {"SSL_CERT_FILE": bundle, "PIP_CERT": bundle}
    return {"UV_SYSTEM_CERTS": "1"} | env


def not_fetched(what: str, said: str) -> Refused:
    """What to say when something could not be fetched: is it the network, or a certificate?"""
    mend = UNTRUSTED if re.search("CERTIFICATE_VERIFY_FAILED|UnknownIssuer", said) else AGAIN
    return Refused(f"{what} could not be fetched.", mend, tail(said))


def pip() -> list[str]:
    """A pip that this Python can run: its own, a wheel on the machine, or the distribution's, unpacked."""
    if run([sys.executable, "-I", "-c", "import pip"]).returncode == 0:
        return [sys.executable, "-I", "-m", "pip"]
    wheels = sorted(Path("/usr/share/python-wheels").glob("pip-*.whl"))
    if not wheels and not debian.available():
        raise Refused("This Python has no pip.", "Fedora: sudo dnf install python3-pip   Elsewhere it has such a name.")
    if not wheels:
        unpacked = debian.unpacked("python3-pip-whl", TOOLS / "pip")
        wheels = sorted(unpacked.glob("usr/share/python-wheels/pip-*.whl"))
    return [sys.executable, "-I", f"{wheels[-1]}/pip"]


def make_uv() -> None:
    """Make .tools/uv from its pin, if it is not there yet."""
    pins = PINS / "requirements-uv.txt"
    mark = TOOLS / "uv" / ".stamp"
    if UV.exists() and mark.exists() and mark.read_text() == digest([pins]):
        return

    made = fresh(TOOLS / "uv.new")
    with doing("uv", "fetching the installer"):
        install: list[str | Path] = [
            *pip(),
            "install",
            "--disable-pip-version-check",
            "--no-input",
            "--no-deps",
            "--require-hashes",
        ]
        where: list[str | Path] = ["--only-binary", ":all:", "--cache-dir", CACHE / "pip", "--target", made]
        result = run([*install, *where, "-r", pins], env=environment() | {"PIP_ROOT_USER_ACTION": "ignore"})
        if result.returncode:
            raise not_fetched("uv, the installer,", result.stdout)
    (made / ".stamp").write_text(digest([pins]))
    put(made, TOOLS / "uv")


def mirror() -> dict[str, str]:
    """The package index that the machine's pip is set to, so that uv asks the same one."""
    if any(name in os.environ for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL")):
        return {}
    said = run([sys.executable, "-I", "-m", "pip", "config", "list"], env=environment()).stdout
    found = re.findall(r"^[\w:.-]+\.index[-_]url='(.+)'$", said, re.MULTILINE)
    return {"UV_DEFAULT_INDEX": found[-1]} if found else {}
