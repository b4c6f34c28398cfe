"""The catalog beside the boxes: metadata.json, as Vagrant's box_url reads it; it lies on any web server, or a disk."""

import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from box_disk import Arch

Entry = dict[str, str | bool]


def address(box: Path, base: str | None) -> str:
    """Where a box is fetched from: below a given address, or where it lies."""
    return f"{base.rstrip('/')}/{quote(box.name)}" if base else box.resolve().as_uri()


def entry(box: Path, provider: str, arch: Arch, *, base: str | None) -> Entry:
    """One box: whom it is for, where it is, and its SHA-256, which Vagrant holds it against."""
    with box.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    said: Entry = {"name": provider, "url": address(box, base), "checksum_type": "sha256", "checksum": digest}
    return said | {"architecture": arch, "default_architecture": arch is Arch.AMD64}


def add(made: Entry, into: Path, *, name: str, version: str) -> None:
    """Put a box in the catalog, in the place of the one before it, and give the catalog a new version."""
    file = into / "metadata.json"
    known = entries(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else []
    kept = [each for each in known if (each["name"], each["architecture"]) != (made["name"], made["architecture"])]
    new = into / "metadata.json.new"
    new.write_text(json.dumps(catalog([*kept, made], name=name, version=version), indent=2) + "\n", encoding="utf-8")
    new.replace(file)


def entries(said: dict[str, Any]) -> list[Entry]:
    """The boxes of a catalog that is there."""
    return [each for version in said["versions"] for each in version["providers"]]


def catalog(boxes: list[Entry], *, name: str, version: str) -> dict[str, Any]:
    """The whole catalog.

    Source: Vagrant before 2.4 knows no architectures and takes the last box of a provider: amd64 stands last.
    """
    ordered = sorted(boxes, key=lambda box: (box["name"], box["architecture"] == Arch.AMD64))
    described = "Debian 12 for TIME_WAIT, hands on; built by ./env/box"
    return {"name": name, "description": described, "versions": [{"version": version, "providers": ordered}]}
