"""Programs that a machine must have for what few people do: told all at once, with the one command that mends it."""

import shutil
from collections.abc import Mapping

from say import Refused
from tools import SYSTEM_PATH


def require(programs: Mapping[str, str], what: str) -> None:
    """Refuse if a program is missing.

    Args:
        programs: the package of Debian and Ubuntu that each is in.
        what: what cannot be done without them.
    """
    lacking = [program for program in programs if shutil.which(program, path=SYSTEM_PATH) is None]
    if lacking:
        packages = sorted({programs[program] for program in lacking})
        raise Refused(
            f"{what} needs {', '.join(lacking)}, which this machine lacks.",
            f"sudo apt-get install --no-install-recommends {' '.join(packages)}",
        )
