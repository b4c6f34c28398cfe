"""The box that Vagrant starts from: Debian's packages, made into a disk that boots, and packed with a catalog."""

import argparse
import datetime as dt
import platform
import tempfile
from pathlib import Path

from box_catalog import add, entry
from box_disk import PROGRAMS, Arch, make_disk
from box_pack import PROVIDERS, pack
from box_root import make_root
from needs import require
from place import ROOT
from say import Refused, line

ARCHES = {"x86_64": Arch.AMD64, "aarch64": Arch.ARM64}
NAME = "tcplab/debian-12"


def machines_own() -> Arch | None:
    """The architecture of this machine, if there is a box for it."""
    return ARCHES.get(platform.machine())


def asked_for(words: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="./env/box", add_help=False)
    parser.add_argument("--provider", action="append", choices=PROVIDERS)
    parser.add_argument("--arch", type=Arch, choices=list(Arch), default=machines_own())
    parser.add_argument("--into", type=Path, default=ROOT / ".box")
    parser.add_argument("--url")
    parser.add_argument("--mirror")
    return parser.parse_args(words)


def main(words: list[str]) -> int:
    """Build what is asked for; the catalog is written last, when the boxes that it names are whole."""
    asked = asked_for(words)
    if asked.arch is None:
        raise Refused(f"There is no box for {platform.machine()}.", "Say which one: ./env/box --arch amd64")
    require(PROGRAMS[asked.arch], "Building a box")
    into: Path = asked.into.resolve()
    into.mkdir(parents=True, exist_ok=True)
    version = f"{dt.datetime.now(dt.UTC):%Y%m%d.%H%M%S}"

    with tempfile.TemporaryDirectory(prefix=".new-", dir=into) as folder:
        scratch = Path(folder)
        scratch.chmod(0o711)
        root = make_root(asked.arch, scratch, mirror=asked.mirror)
        disk = make_disk(root, asked.arch, scratch)
        for provider in asked.provider or ["libvirt"]:
            box = pack(disk, provider, asked.arch, into)
            add(entry(box, provider, asked.arch, base=asked.url), into, name=NAME, version=version)
            line(provider, f"{box.relative_to(into)}, {box.stat().st_size // 1_000_000} MB")
    line("catalog", f"{into / 'metadata.json'}")
    return 0
