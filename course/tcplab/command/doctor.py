"""`tcplab doctor`."""

import argparse

from tcplab.command.places import checkout
from tcplab.doctor import examine


def answer(asked: argparse.Namespace) -> int:
    """Examine the machine and print the report; 1 if labs cannot run."""
    report = examine(folder=checkout())
    print(report.as_json() if asked.json else report)
    return 0 if report.labs_can_run else 1
