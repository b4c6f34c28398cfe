"""Solutions as pages of HTML: for who cannot run the labs, and for paper. No network, no Jupyter, no script."""

import re
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter

SCRIPT = re.compile(r"<script\b.*?</script>", re.DOTALL)
UNDESCRIBED = "No description has been provided for this image"  # what nbconvert says where it finds no words
TO_A_NOTEBOOK = re.compile(r'(href="\d\d-[\w-]+)\.ipynb"')


def pages(notebooks: Sequence[Path]) -> Iterator[tuple[str, str]]:
    """The pages of some notebooks, and a page that lists them: each by its file's name."""
    exporter = HTMLExporter(template_name="lab", embed_images=True)
    titles = {}
    for path in notebooks:
        book = nbformat.read(path, as_version=4)
        titles[path.stem] = book.cells[0].source.splitlines()[0].removeprefix("# ")
        html, _ = exporter.from_notebook_node(book, {"metadata": {"name": titles[path.stem]}})
        said = descriptions(book)
        yield f"{path.stem}.html", self_contained(re.sub(UNDESCRIBED, lambda _, said=said: next(said), html))
    yield "index.html", contents(titles)


def descriptions(book: nbformat.NotebookNode) -> Iterator[str]:
    """What the pictures of a notebook say, in order: nbconvert does not read what they bring along."""
    for cell in book.cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                yield escape(output.metadata["image/png"]["alt"])


def self_contained(html: str) -> str:
    """A page without what nbconvert brings along for widgets and mathematics, which our solutions do not have."""
    return TO_A_NOTEBOOK.sub(r'\1.html"', SCRIPT.sub("", html))


def contents(titles: dict[str, str]) -> str:
    """The page that lists the others."""
    rows = "\n".join(f'<li><a href="{stem}.html">{stem[:2]} {escape(title)}</a></li>' for stem, title in titles.items())
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>TIME_WAIT, hands on: solutions</title>'
        '<meta name="viewport" content="width=device-width"></head>\n'
        '<body style="font: 1.1rem/1.6 sans-serif; max-width: 45rem; margin: 2rem auto; padding: 0 1rem">\n'
        f'<h1>TIME_WAIT, hands on: solutions</h1>\n<ul style="list-style: none; padding: 0">\n{rows}\n</ul>\n'
        "</body></html>\n"
    )


def write(notebooks: Sequence[Path], folder: Path) -> list[Path]:
    """Write the pages into a folder, which is made if it is not there; pages of before are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, html in pages(notebooks):
        (folder / name).write_text(html, encoding="utf-8")
        written.append(folder / name)
    return written
