"""Solutions as pages: whole in themselves, for a browser without network and Jupyter."""

import re
from pathlib import Path

import make_labs
import pages
import pytest


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    """Pages of two labs, one of them with pictures."""
    folder = tmp_path_factory.mktemp("pages") / "new"
    assert make_labs.main(["--html", str(folder), "03", "00"]) == 0
    return folder


def test_a_page_for_each_and_one_that_lists_them(written):
    """By the names of the notebooks."""
    names = sorted(path.name for path in written.iterdir())
    assert names == ["00-the-server-is-well.html", "03-what-if-the-last-ack-is-lost.html", "index.html"]
    assert '<a href="03-what-if-the-last-ack-is-lost.html">03 What if the last ACK is lost?</a>' in (
        written / "index.html"
    ).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["00-the-server-is-well", "03-what-if-the-last-ack-is-lost", "index"])
def test_a_page_needs_nothing_else(written, name):
    """No script, and nothing that a browser would fetch: pictures and styles are in it."""
    html = (written / f"{name}.html").read_text(encoding="utf-8")
    assert "<script" not in html
    assert not re.findall(r'(?:src|data)="(?!data:)[^"]+"', html)
    assert not re.findall(r"<link\b[^>]*>|@import[^;]*;|url\((?!['\"]?data:)[^)]*\)", html)


def test_a_page_shows_what_was_run(written):
    """Text, code, what it printed, pictures; and links lead to the other pages."""
    html = (written / "03-what-if-the-last-ack-is-lost.html").read_text(encoding="utf-8")
    assert "■ passed" in html
    assert 'src="data:image/png;base64,' in html
    assert 'href="04-how-does-a-client-run-out.html"' in html
    assert ".ipynb" not in html
    assert 'alt="client → server, port 80: 9 segments' in html
    assert pages.UNDESCRIBED not in html


def test_scripts_are_left_out():
    """Whatever nbconvert brings along."""
    html = '<script src="https://a/b.js">\nx</script><p>1</p><script>2</script><a href="01-x.ipynb">'
    assert pages.self_contained(html) == '<p>1</p><a href="01-x.html">'
