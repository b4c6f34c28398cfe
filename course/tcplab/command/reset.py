"""`tcplab reset NN`."""

import argparse
import json

from tcplab.command.copies import give_back
from tcplab.command.places import labs, learners_folder, named


def answer(asked: argparse.Namespace) -> int:
    """Give a lab back as it was; the learner's own is kept."""
    lab = named(asked.name, labs())
    folder = learners_folder(asked.directory)
    kept = give_back(lab, folder)
    if asked.json:
        print(json.dumps({"lab": str(folder / lab.path.name), "kept": str(kept) if kept else None}))
        return 0
    print(f"{folder / lab.path.name} is as it was.")
    print(f"Yours is kept: {kept.name}" if kept else "There was nothing of yours in it to keep.")
    return 0
