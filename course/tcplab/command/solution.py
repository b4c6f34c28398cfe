"""`tcplab solution NN [EXERCISE]`: how a lab, or one exercise of it, is solved, for who asks."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from tcplab.command.places import Lab, labs, learners_folder, named
from tcplab.errors import BadValue
from tcplab.notebook.kept import passed
from tcplab.notebook.solution import solved


def answer(asked: argparse.Namespace) -> int:
    """Print the solved cell of one exercise, or list a lab's exercises and say where the solved notebook is."""
    lab = named(asked.name, labs(solutions=True))
    cells = solved(lab.path)
    folder = learners_folder(asked.directory)
    if asked.exercise is None:
        done = {name: passed(name, folder=folder) for name in cells}
        print(json.dumps({"solution": str(lab.path), "exercises": done}) if asked.json else _listed(lab, done))
        return 0
    if asked.exercise not in cells:
        raise BadValue("EXERCISE", asked.exercise, ", ".join(cells))
    one = cells[asked.exercise]
    print(json.dumps({"exercise": asked.exercise, **asdict(one)}, ensure_ascii=False) if asked.json else one)
    return 0


def _listed(lab: Lab, done: dict[str, bool]) -> str:
    lines = [f"{'■ passed' if done[name] else '□ not yet'}  tcplab solution {lab.number} {name}" for name in done]
    return "\n".join([*lines, "", f"The whole lab, solved and run: {_near(lab.path)}"])


def _near(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
