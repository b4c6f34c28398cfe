"""Inside a guest: facts and claims, as an ordinary user; what root sees, as root. Started by root.sh.

python inside.py OUT             as root: starts itself again as an ordinary user
python inside.py OUT claims [facts|NN]…
                                 as that user: every lab's cells, a few labs at once, or only those; lines to
                                 standard output
python inside.py OUT full        `tcplab run --solutions`
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))
AT_ONCE = 2


def as_root(out: Path, what: Sequence[str]) -> int:
    """Write what root sees, run the rest as an ordinary user, its lines to OUT/stories."""
    from kernels.as_root import of_root
    from ordinary_user import as_ordinary_user

    (out / "root.json").write_text(json.dumps(of_root()))
    env = {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
    env |= {"TCPLAB_DISPLAY": "text", "COLUMNS": "200"}
    env |= {"TCPLAB_SEED": ""}  # exercises ask what the solutions show
    home = Path(tempfile.mkdtemp(prefix="home-", dir="/tmp"))  # a world hides /run
    home.chmod(0o755)
    argv = as_ordinary_user([sys.executable, "-B", __file__, str(out), *what], home=home, env=env)
    with (out / "stories").open("wb") as stories:
        return subprocess.run(argv, stdout=stories, cwd=TESTS.parent, check=False).returncode


def claims(only: Sequence[str]) -> int:
    """Look at the facts, and execute every lab's cells, or those named; a lab that stopped once more, alone.

    A guest is slow, and a wait in a lab is bounded: what is too slow beside others may be quick enough by itself.
    """
    import tcplab.notebook.magics  # noqa: F401 (once, for all children)
    from kernels import facts
    from kernels.plan import labs, selected
    from kernels.shell import execute

    home = Path(os.environ["HOME"])
    tasks: dict[str, Callable[..., object]] = {}
    if not only or "facts" in only:
        tasks["facts"] = lambda: facts.tell(sys.stdout)
    for lab in selected(only, labs()):
        tasks[lab.name] = lambda lab=lab, n=0: execute(lab, home / f"{lab.number}{n}", sys.stdout)
    for name in in_children(tasks, AT_ONCE):
        in_children({name: lambda lab=tasks[name]: lab(n=1)} if name != "facts" else {}, 1)
    return 0


def in_children(tasks: Mapping[str, Callable[[], object]], at_once: int) -> list[str]:
    """Do all of these, each in a child, so many at once; those that did not end well."""
    from kernels.shell import forked

    waiting, busy, failed = list(tasks), dict[int, str](), []
    while waiting or busy:
        while waiting and len(busy) < at_once:
            name = waiting.pop(0)
            busy[forked(tasks[name])] = name
        pid, status = os.wait()
        if name := busy.pop(pid, ""):
            failed += [name] * (status != 0)
    return failed


def full() -> int:
    """Execute all solutions, as a learner's machine would; the report is one line of JSON."""
    begun = time.monotonic()
    argv = [sys.executable, "-m", "tcplab", "run", "--solutions", "--json", "--jobs", "3", "--cell-timeout", "400"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout or "{}")
    print(json.dumps({"full": report, "seconds": time.monotonic() - begun, "said": done.stderr[-2000:]}))
    return 0


if __name__ == "__main__":
    place, (asked, *only) = Path(sys.argv[1]), sys.argv[2:]
    if os.geteuid() == 0:
        sys.exit(as_root(place, (asked, *only)))
    sys.exit(claims(only) if asked == "claims" else full())
