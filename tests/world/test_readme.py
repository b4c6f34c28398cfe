"""What the README prints."""

import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"


def masked(text: str) -> str:
    """Leave out what is another on each machine and each run: the ephemeral port, the seconds left."""
    return re.sub(
        r"(192\.0\.2\.1):\d{5}\b( *)", r"\1:PORT ", re.sub(r"\b(5\d|60) s$", "60 s", text, flags=re.MULTILINE)
    )


def test_the_output_in_the_readme_is_what_its_script_prints(tmp_path: Path) -> None:
    """The README's script, run as it stands, prints what stands below it."""
    blocks = re.findall(r"```(\w*)\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)
    place = next(i for i, (language, _) in enumerate(blocks) if language == "python")
    script, stored = blocks[place][1], blocks[place + 1][1]

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60, cwd=tmp_path
    )

    assert done.stderr == ""
    assert masked(done.stdout) == masked(stored), "run the README's script again, and paste what it prints"
