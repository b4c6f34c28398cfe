"""What a browser gets is held to the same style as Python: ruff does not read it."""

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "course" / "tcplab" / "live" / "js"
FILES = sorted([*FOLDER.glob("*.js"), *FOLDER.glob("*.css")])
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|rgba|hsl|hsla|oklch)\(")
ADDRESS = re.compile(r"https?://(?!www\.w3\.org/2000/svg|www\.rfc-editor\.org/)")


def lines_of(path: Path) -> list[tuple[str, str]]:
    """Each line of a file, and where it stands."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [(f"{path.name}:{number}", line) for number, line in enumerate(lines, start=1)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_lines_are_no_longer_than_those_of_python(path: Path) -> None:
    """120 characters, no tab, nothing at the end."""
    wrong = [where for where, line in lines_of(path) if len(line) > 120 or "\t" in line or line != line.rstrip()]
    assert not wrong, f"Break these lines at 120 characters, without tabs and trailing blanks: {wrong}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_does_one_thing(path: Path) -> None:
    """At most 250 lines; a script begins with what it is."""
    lines = lines_of(path)
    assert len(lines) <= 250, f"{path.name} has {len(lines)} lines: split it."
    assert path.suffix != ".js" or lines[0][1].startswith("// "), (
        f"{path.name}: begin with a comment that says what it is."
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_colours_come_from_the_look_and_nothing_from_elsewhere(path: Path) -> None:
    """Colours stand in notebook/look.py, and no script asks another host."""
    wrong = [where for where, line in lines_of(path) if COLOUR.search(line) or ADDRESS.search(line)]
    assert not wrong, f"Use a property such as var(--tl-ink), and no address of another host: {wrong}"
