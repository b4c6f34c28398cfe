"""`tcplab shell HOST`: a terminal in a host of a world that a notebook holds open."""

import argparse
import json
import os
from pathlib import Path

from tcplab.command.terminal import plain, relayed
from tcplab.errors import BadValue, WorldDown
from tcplab.world.visit import Found, visit, worlds


def answer(asked: argparse.Namespace) -> int:
    """Open it and return the exit code of what ran in it; without HOST, list what is up."""
    up = worlds()
    if asked.host is None:
        print(_as_json(up) if asked.json else _listed(up))
        return 0

    world = chosen(up, asked.host, asked.world)
    words = ["-c", asked.line] if asked.line is not None else []
    with visit(world, asked.host) as host:
        if os.isatty(0) and os.isatty(1):
            return relayed(host, ["bash", "--noprofile", "--norc", *words])
        return plain(host, ["bash", "--noprofile", "--norc", *words])


def chosen(up: list[Found], host: str, owner: int | None) -> Found:
    """Return the newest world that has the host, or the one of the process that was asked for.

    Raises:
        WorldDown: No world is up.
        BadValue: No such process has one, or it has no such host.
    """
    if not up:
        raise WorldDown(host, "no world is up")
    if owner is not None:
        mine = [world for world in up if world.owner_pid == owner]
        if not mine:
            raise BadValue("--world", owner, ", ".join(sorted({str(world.owner_pid) for world in up})))
        up = mine
    for world in up:
        if host in world.hosts:
            return world
    raise BadValue("HOST", host, ", ".join(sorted({name for world in up for name in world.hosts})))


def _listed(up: list[Found]) -> str:
    if not up:
        return "No world is up. Bring one up in a notebook: bed = Testbed.two_hosts().up()"
    lines = [f"process {world.owner_pid}: {', '.join(world.hosts)}   ({_owner(world)})" for world in up]
    return "\n".join([*lines, "", f"Newest first. A terminal in one: tcplab shell {up[0].hosts[0]}"])


def _as_json(up: list[Found]) -> str:
    return json.dumps([{"world": world.owner_pid, "hosts": world.hosts} for world in up], indent=2)


def _owner(world: Found) -> str:
    """Return what the owning process is called, and where it runs."""
    try:
        words = Path(f"/proc/{world.owner_pid}/cmdline").read_text().split("\0")
        folder = Path(f"/proc/{world.owner_pid}/cwd").readlink()
    except OSError:
        return "ended"
    name = "a notebook" if any("ipykernel" in word for word in words) else Path(words[0]).name
    return f"{name} in {folder}"
