"""The sandbox of one submission: bubblewrap's arguments, and who runs inside.

    supervisor   outside: this user, this machine
      examiner   in the sandbox: our code only. Makes the worlds, keeps their records, judges
        worlds   namespaces of their own below it: what the submission starts in hosts runs there
        kernel   in a second sandbox below it, with no namespaces of its own: the submission's code

No network, a system that is read-only and of which only programs are shown, an empty home and /tmp, no file of anybody.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tcplab.errors import NotPermitted, ToolMissing
from tcplab.grading.limits import Limits
from tcplab.notebook.tasks import SEED
from tcplab.world.environment import path_variable, tools

HOME = Path("/home/learner")
NOBODY = 65534
Running = subprocess.Popen[bytes]
_PACKAGE_PARENT = Path(__file__).resolve().parents[2]
_BOOT = "import sys; sys.path[:0] = [sys.argv.pop(1)]; from tcplab.grading.{module} import main; main()"


def bubblewrap() -> str:
    """Find bwrap(1): the machine's, or the one that ./env/up has unpacked.

    Raises:
        ToolMissing: There is none.
    """
    found = shutil.which("bwrap", path=path_variable())
    if found is None:
        raise ToolMissing("bwrap", "bubblewrap")
    return found


def python(module: str) -> list[str]:
    """Return the command that runs main() of one module of this package, and believes no variable of its caller."""
    return [sys.executable, "-I", "-c", _BOOT.format(module=module), str(_PACKAGE_PARENT)]


def around_the_examiner(limits: Limits, labs: Path, seed: str) -> list[str]:
    """Return the outer sandbox's command, to be followed by what runs in it.

    Args:
        labs: the folder of ours, which is to be seen there
        seed: what tasks are drawn from there
    """
    sized = ["--size", str(limits.file_bytes), "--tmpfs"]
    return [
        bubblewrap(),
        *("--unshare-all", "--die-with-parent", "--new-session", "--clearenv"),
        *_system(),
        *("--proc", "/proc", "--dev", "/dev", *sized, "/dev/shm", *sized, "/tmp", *sized, str(HOME)),  # noqa: S108
        *("--dir", "/run", "--dir", "/var/lib/nginx", "--dir", "/var/log/nginx", "--chdir", str(HOME)),
        *_shown(labs),
        *("--remount-ro", "/"),
        *("--setenv", "HOME", str(HOME), "--setenv", "PATH", path_variable(), "--setenv", "LANG", "C.UTF-8"),
        *(
            "--setenv",
            "TCPLAB_DISPLAY",
            "text",
            "--setenv",
            SEED,
            seed,
            "--setenv",
            "PYTHONDONTWRITEBYTECODE",
            "1",
            "--",
        ),
    ]


def around_the_kernel() -> list[str]:
    """Return the inner sandbox's command: it sees the same files, and no process but its own; nor may it unshare."""
    return [
        bubblewrap(),
        *("--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session"),
        *("--bind", "/", "/", "--dev-bind", "/dev", "/dev", "--proc", "/proc", "--"),
    ]


def started(argv: Sequence[str]) -> Running:
    """Start a sandbox with pipes on stdin and stdout; root becomes nobody before."""
    user = NOBODY if os.geteuid() == 0 else None
    return subprocess.Popen(
        list(argv),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd="/",
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )


def silent(argv: Sequence[str]) -> Running:
    """Start a program that reads nothing and whose words go nowhere: a kernel speaks through its sockets."""
    nothing = subprocess.DEVNULL
    return subprocess.Popen(list(argv), stdin=nothing, stdout=nothing, stderr=nothing, cwd=HOME)


def _system() -> list[str]:
    words = []
    for path in (Path("/usr"), Path("/etc"), *map(Path, ("/bin", "/sbin", "/lib", "/lib32", "/lib64"))):
        if path.is_symlink():
            words += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            words += ["--ro-bind", str(path), str(path)]
    return words


def _folders(labs: Path) -> list[Path]:
    """What of ours is to be seen: the interpreter, the library, the tools, the labs."""
    places = [Path(sys.prefix), Path(sys.base_prefix), _PACKAGE_PARENT, labs]
    if (unpacked := tools()) is not None:
        places.append(unpacked.parent if unpacked.name == "bin" else unpacked)
    both = dict.fromkeys(one for place in places for one in (place, place.resolve()))
    return [place for place in both if Path("/usr") not in (place, *place.parents) and place.is_dir()]


def _shown(labs: Path) -> list[str]:
    words: list[str] = []
    for place in _folders(labs):
        words += ["--ro-bind", str(place), str(place)]
        if (place / "var").is_dir() and place.name == ".tools":
            words += ["--tmpfs", str(place / "var")]  # Jupyter's state: tokens, history
    return words


def refuse_closed_folders(labs: Path) -> None:
    """See that nobody, as whom root grades, may read what is to be shown.

    Raises:
        NotPermitted: The way is closed.
    """
    if os.geteuid() != 0:
        return
    for place in _folders(labs):
        for folder in (*reversed(place.parents), place):
            if not folder.stat().st_mode & 0o001:
                raise NotPermitted(
                    f"Root grades as the user nobody, who may not enter {folder}. Grade as an ordinary user, or move"
                    " tcplab to a folder that everybody may enter."
                )
