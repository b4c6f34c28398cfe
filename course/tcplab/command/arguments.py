"""What can be asked for on the command line, and who answers. The answers are imported when they are asked."""

import argparse
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from tcplab import __version__

EXIT_CODES = "exit codes: 0 ok, 1 labs fail or cannot run, 2 not understood, 130 interrupted (^C), 141 output not read"


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    whole = argparse.ArgumentParser(
        prog="tcplab", description="TIME_WAIT, hands on: labs on a real Linux kernel.", epilog=EXIT_CODES
    )
    whole.add_argument("--version", action="version", version=f"tcplab {__version__}")
    commands = whole.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in (_doctor, _lab, _run, _shell, _progress, _solution, _reset, _grade, _new_lab):
        add(commands)
    return whole


def _doctor(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = _command(commands, "doctor", "say what the labs need and this machine lacks, and what mends it")
    _json(one)


def _lab(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = _command(commands, "lab", "copy the labs that are missing into DIR, and open JupyterLab there")
    one.add_argument(
        "directory", metavar="DIR", nargs="?", type=Path, help="default: my-labs of the checkout, else here"
    )
    one.add_argument("--notebook", action="store_true", help="Notebook 7, if it is installed, in place of JupyterLab")
    one.add_argument("--no-browser", action="store_true", help="print the address, and open no browser")
    one.add_argument("--port", type=_port, help="default: 8888, or the next that is free")


def _run(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = _command(commands, "run", "execute labs from top to bottom, and report")
    one.add_argument("names", metavar="NAME", nargs="*", help="a number (00) or a name; default: all")
    one.add_argument("--solutions", action="store_true", help="the solved notebooks instead of the open ones")
    one.add_argument(
        "--jobs", metavar="N", type=_count, help="so many at once, but what measures alone (default: two a core)"
    )
    one.add_argument("--output", metavar="DIR", type=Path, help="keep the executed notebooks there")
    one.add_argument(
        "--html", metavar="FILE", type=Path, help="write a page: the machine, times, what failed, every claim's verdict"
    )
    one.add_argument("--cell-timeout", metavar="S", type=_count, default=120, help="seconds a cell may take (120)")
    _json(one)


def _shell(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = _command(
        commands, "shell", "open a terminal in a host of a running notebook's world; without HOST: list them"
    )
    one.add_argument("host", metavar="HOST", nargs="?", help="client, server, …")
    one.add_argument("--world", metavar="PID", type=_count, help="of that notebook's process (default: the newest)")
    one.add_argument("-c", dest="line", metavar="COMMAND", help="run one command line and end with its exit code")
    _json(one)


def _progress(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = _command(commands, "progress", "show what is kept of your work, export it, or delete it")
    one.add_argument("directory", metavar="DIR", nargs="?", type=Path, help="default: as for tcplab lab")
    either = one.add_mutually_exclusive_group()
    _json(either)
    either.add_argument(
        "--export", metavar="FILE", type=Path, help="write everything into a new FILE, as JSON (-: here)"
    )
    either.add_argument("--delete", action="store_true", help="delete it: predictions, attempts, hints, quiz answers")


def _solution(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = _command(commands, "solution", "show how an exercise is solved; without EXERCISE: list a lab's")
    one.add_argument("name", metavar="NN", help="the lab's number (00) or name")
    one.add_argument("exercise", metavar="EXERCISE", nargs="?", help="as check() calls it")
    one.add_argument("--in", dest="directory", metavar="DIR", type=Path, help="where your labs are (as for tcplab lab)")
    _json(one)


def _grade(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = _command(commands, "grade", "execute a class's notebooks, each in a sandbox, and report on them")
    one.add_argument("directory", metavar="DIR", type=Path, help="with a folder, or a notebook, for each learner")
    one.add_argument("--output", metavar="DIR", type=Path, default=Path("grades"), help="for the reports (grades)")
    one.add_argument("--jobs", metavar="N", type=_count, default=1, help="so many at once (default: 1)")
    one.add_argument("--dask", metavar="ADDRESS", help="on the workers of a Dask cluster, in place of --jobs")
    one.add_argument("--seed", metavar="WORD", default="", help="a word that tasks are drawn from, with each name")
    one.add_argument("--cell-timeout", metavar="S", type=_count, default=120, help="seconds a cell may take (120)")
    one.add_argument("--timeout", metavar="S", type=_count, default=900, help="seconds a notebook may take (900)")
    one.add_argument("--memory", metavar="MB", type=_count, default=2048, help="that a notebook may hold (2048)")
    _json(one)


def _reset(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = _command(commands, "reset", "give a lab back as it was; yours is kept under a dated name")
    one.add_argument("name", metavar="NN", help="the lab's number (00) or name")
    one.add_argument("directory", metavar="DIR", nargs="?", type=Path, help="default: as for tcplab lab")
    _json(one)


def _new_lab(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = _command(
        commands, "new-lab", "write the chapter, checks, quiz and wrong answers of a new lab, for who edits it"
    )
    one.add_argument("slug", metavar="SLUG", help="who-keeps-it, or with its number: 08-who-keeps-it")
    one.add_argument("--title", help="its question (default: made of SLUG)")
    _json(one)


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, purpose: str
) -> argparse.ArgumentParser:
    one = commands.add_parser(name, help=purpose, description=f"{purpose[0].upper()}{purpose[1:]}.", epilog=EXIT_CODES)
    one.set_defaults(command=_answer(name))
    return one


def _answer(name: str) -> Callable[[argparse.Namespace], int]:
    def answer(asked: argparse.Namespace) -> int:
        code: int = import_module(f"tcplab.command.{name.replace('-', '_')}").answer(asked)
        return code

    return answer


def _json(one: argparse._ActionsContainer) -> None:
    one.add_argument("--json", action="store_true", help="report as JSON, for scripts")


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 1 to 65535")
    return int(text)
