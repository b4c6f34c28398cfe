"""Where things lie: in a checkout beside the package, in an installed package inside it."""

import os
from dataclasses import dataclass
from pathlib import Path

from tcplab.errors import BadValue

_PACKAGE = Path(__file__).resolve().parents[1]
LEDGER = _PACKAGE.parent / "claims.md"
"""The table of claims, in a checkout."""


@dataclass(frozen=True, slots=True)
class Lab:
    """One notebook that comes with tcplab: `00-the-server-is-well`."""

    path: Path

    @property
    def name(self) -> str:
        """Return number and slug."""
        return self.path.stem

    @property
    def number(self) -> str:
        """Return the two digits before the slug."""
        return self.name.partition("-")[0]


def checkout() -> Path | None:
    """Return the project's folder; None where the package was installed from the wheel."""
    root = _PACKAGE.parents[1]
    return root if (root / "pyproject.toml").is_file() and (root / "env" / "up").is_file() else None


def labs(*, solutions: bool = False) -> list[Lab]:
    """Return the notebooks that come with tcplab, in the course's order; never the learner's own."""
    root, name = checkout(), "solutions" if solutions else "labs"
    folder = root / name if root else _PACKAGE / f"_{name}"
    return [Lab(path) for path in sorted(folder.glob("[0-9][0-9]-*.ipynb"))]


def named(word: str, among: list[Lab]) -> Lab:
    """Find a lab by its number (`0`, `00`) or its name, with or without the slug's end or .ipynb.

    Raises:
        BadValue: There is none, or more than one; the message lists what exists.
    """
    wanted = Path(word).name.removesuffix(".ipynb")
    if wanted.isdecimal():
        found = [lab for lab in among if int(lab.number) == int(wanted)]
    else:
        slugs = [lab for lab in among if wanted in (lab.name, lab.name.partition("-")[2])]
        found = slugs or [lab for lab in among if wanted and lab.name.startswith(wanted)]
    if len(found) != 1:
        raise BadValue("NAME", word, ", ".join(lab.name for lab in among) or "nothing: there are no labs here")
    return found[0]


def learners_folder(given: Path | None) -> Path:
    """Return where the learner's own copies are kept."""
    if given is not None:
        return given.expanduser().resolve()
    root = checkout()
    return root / "my-labs" if root else Path.cwd()


def keep_state(scratch: Path) -> None:
    """Let Jupyter, IPython and matplotlib keep their state inside the project, for the rest of this process.

    Outside a checkout the learner's own settings hold.

    Args:
        scratch: Takes the project's place where the project cannot be written.
    """
    root = checkout()
    if root is None:
        return
    folder = root / ".tools" / "var" if os.access(root, os.W_OK) else scratch / "state"
    places = {
        "JUPYTER_CONFIG_DIR": "jupyter/config",
        "JUPYTER_DATA_DIR": "jupyter/data",
        "JUPYTER_RUNTIME_DIR": "jupyter/runtime",
        "IPYTHONDIR": "ipython",
        "MPLCONFIGDIR": "matplotlib",
    }
    for variable, place in places.items():
        if variable not in os.environ:
            (folder / place).mkdir(parents=True, exist_ok=True)
            os.environ[variable] = str(folder / place)
