"""What holds for every test: its marker, its temporary directory, and that it leaves no trace on the machine."""

import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from ordinary_user import as_ordinary_user
from traces import Traces, left_after, mark_this_process, traces
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent
REAL = ("world", "broken", "incident", "notebooks", "browser", "hub", "bench")  # what could leave a trace
ASKED_FOR = ("container", "distributions", "vm")  # only where the command line asks for it
KINDS = ("unit", "course", *ASKED_FOR, *REAL)
BEFORE = pytest.StashKey[Traces]()

pytest.register_assert_rewrite("browser.controls", "browser.forms", "browser.lab", "browser.live", "browser.opened")
_SLOW = [hypothesis.HealthCheck.too_slow]  # a busy machine is no fault of the course
hypothesis.settings.register_profile(
    "course", deadline=None, database=None, derandomize=True, suppress_health_check=_SLOW
)
hypothesis.settings.register_profile(
    "long", hypothesis.settings.get_profile("course"), max_examples=2_000, derandomize=False, print_blob=True
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --long, and an option for each kind that is only run where it is asked for."""
    parser.addoption("--long", action="store_true", help="also the tests that repeat for confidence")
    for kind in ASKED_FOR:
        parser.addoption(f"--{kind}", action="store_true", help=f"also tests/{kind}")


def pytest_configure(config: pytest.Config) -> None:
    """Mark this run, so that its processes are known from those of others on the machine."""
    mark_this_process()
    hypothesis.settings.load_profile("long" if config.getoption("--long") else "course")
    # In the background, or under nohup: programs inherit what is ignored, and not what is caught.
    for number, instead in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, lambda *_: None)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, instead)
    os.environ.setdefault("TCPLAB_DISPLAY", "text")
    os.environ["TCPLAB_SEED"] = ""  # exercises ask what the solutions show
    if (node := ROOT / ".tools/bin/playwright-node").exists():
        os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(node))  # the machine lacks a library of it


def pytest_sessionstart(session: pytest.Session) -> None:
    """Look at the machine before the first test; a worker's controller does it for all workers."""
    if not has_company(session.config):
        session.config.stash[BEFORE] = traces(temporary=False)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Whatever test it was: the machine is as it was before the run."""
    left = left_after(session.config.stash[BEFORE], temporary=False) if BEFORE in session.config.stash else []
    if left:
        said = ["", "The run left traces on the machine (which test: run it with -n0):", *left]
        session.config.get_terminal_writer().line("\n  ".join(said), red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def has_company(config: pytest.Config) -> bool:
    """Whether this is one of several workers, beside which others run tests."""
    return hasattr(config, "workerinput")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling | None:
    """Let one worker have all tests of a file, and of a lab that it has opened; --dist=load is another matter."""
    return ByFileAndLab(config, log) if config.getvalue("dist") == "loadfile" else None


class ByFileAndLab(LoadScopeScheduling):
    """xdist's own order, but for labs in the browser, which are opened once for several tests."""

    def _split_scope(self, nodeid: str) -> str:
        file, _, test = nodeid.partition("::")
        lab = re.search(r"\[(\d\d-[^]]*?\.ipynb)", test)
        return f"{file}::{lab[1]}" if lab else file


def pytest_report_header(config: pytest.Config) -> str:
    """Say on what the results hold."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", str(ROOT / ".tools/bin")])
    nginx = shutil.which("nginx", path=path)
    said = subprocess.run([nginx, "-v"], capture_output=True, text=True, check=False).stderr if nginx else "no nginx"
    version = said.strip().rpartition("nginx/")[2] or said
    return f"kernel {platform.release()}, Python {platform.python_version()}, nginx {version}, uid {os.geteuid()}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give each test the marker of its directory, and leave to their options what takes long."""
    for item in items:
        inside = item.path.relative_to(TESTS) if item.path.is_relative_to(TESTS) else None
        kind = inside.parts[0] if inside else "notebooks"
        if kind in KINDS:
            item.add_marker(kind)
    for kind in ("long", *ASKED_FOR):
        others = [item for item in items if item.get_closest_marker(kind)]
        if others and not config.getoption(f"--{kind}"):
            config.hook.pytest_deselected(items=others)
            items[:] = [item for item in items if item not in others]


@pytest.fixture(autouse=True)
def _our_warnings_are_errors() -> None:
    """A warning that arises in tcplab fails the test; a dependency's does not."""
    warnings.filterwarnings("error", module=r"tcplab(\.|$)")


@pytest.fixture(autouse=True)
def _own_temporary_directory(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """tempfile, in this process and in those it starts, stays under pytest's own directory."""
    folder = tmp_path_factory.getbasetemp() / "t"
    folder.mkdir(exist_ok=True)
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))


@pytest.fixture(autouse=True)
def _no_trace(request: pytest.FixtureRequest, _own_temporary_directory: None) -> Iterator[None]:
    """A test of the real kernel leaves no process, listener or file; and alone, no interface, mount or sysctl."""
    if not any(map(request.node.get_closest_marker, REAL)):
        yield
        return
    alone = not has_company(request.config)
    before = traces(alone=alone)
    yield
    left = left_after(before, alone=alone)
    assert not left, "This test left traces on the machine:\n" + "\n".join(left)


@pytest.fixture
def ordinary_user(tmp_path: Path) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Run a command as an ordinary user, whoever runs the tests; `ordinary_user([sys.executable, …])`."""

    def run(argv: list[str], *, within_s: float = 60.0, **env: str) -> "subprocess.CompletedProcess[str]":
        home = Path(tempfile.mkdtemp(prefix="ordinary-user-", dir="/tmp"))
        try:
            command = as_ordinary_user(argv, home=home, env=env)
            return subprocess.run(
                command,
                cwd="/",
                env=os.environ | {"HOME": str(home), "TMPDIR": str(home), **env},  # the command of a root sets its own
                capture_output=True,
                text=True,
                timeout=within_s,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        finally:
            shutil.rmtree(home, ignore_errors=True)

    return run


@pytest.fixture(scope="session")
def python() -> str:
    """The Python of .venv, by a path that an ordinary user can run."""
    return sys.executable
