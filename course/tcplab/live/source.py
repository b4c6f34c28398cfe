"""What a live picture sends to the browser: its JavaScript and its style, put together from whole files."""

import json
from functools import cache
from pathlib import Path

from tcplab.notebook.look import INTERFACE, STATES, Theme

_FOLDER = Path(__file__).with_name("js")
_THEMES: tuple[Theme, ...] = ("light", "dark")


@cache
def script(*names: str) -> str:
    """Return one ES module: what every picture shares, then the named files, in this order.

    Each file declares functions and constants of its own; the last one has the `export default`. They are joined
    because a module that comes over the kernel's connection has no address from which another could be imported.

    >>> script("ports.js").count("export default")          # doctest: +SKIP
    1
    """
    states = {
        state.name: {"family": look.family, "shape": look.shape, "mine": look.mine, "theirs": look.theirs}
        for state, look in STATES.items()
    }
    parts = [f"const STATES = {json.dumps(states)};"]
    parts += [(_FOLDER / name).read_text(encoding="utf-8") for name in ("shared.js", *names)]
    return "\n".join(parts)


@cache
def style(*names: str) -> str:
    """Return one style sheet: the colours of both themes, what every picture shares, then the named files."""
    parts = [colours()]
    parts += [(_FOLDER / name).read_text(encoding="utf-8") for name in ("shared.css", *names)]
    return "\n".join(parts)


def colours() -> str:
    """Return every colour of notebook/look.py as a CSS property: --tl-held, --tl-second-ink, --tl-TIME_WAIT."""
    rules = []
    for theme in _THEMES:
        named = {name.replace(" ", "-"): colour for name, colour in INTERFACE[theme].items()}
        named |= {state.name: look.light if theme == "light" else look.dark for state, look in STATES.items()}
        said = "".join(f"  --tl-{name}: {colour};\n" for name, colour in named.items())
        rules.append(f'.tl[data-theme="{theme}"] {{\n{said}}}')
    return "\n".join(rules)
