"""Folders of ./env/bench: what a killed run has left is removed by the next one, and nothing else."""

import os
import subprocess
import sys

from bench.scratch import PREFIX, scratch


def test_folder_goes_with_its_block(tmp_path):
    """With all that lies in it."""
    with scratch(tmp_path) as made:
        (made / "clone").mkdir()
        assert list(tmp_path.iterdir()) == [made]
    assert not list(tmp_path.iterdir())


def test_what_is_left_goes_with_the_next_run(tmp_path):
    """Of processes that have ended; not of one that runs, nor what is called otherwise, nor where a link leads."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left, runs = tmp_path / f"{PREFIX}{ended.pid}-a", tmp_path / f"{PREFIX}{os.getppid()}-b"
    others = [tmp_path / name for name in ("bench", f"{PREFIX}x-c", "other-1-d")]
    for folder in (left, runs, *others):
        (folder / "clone").mkdir(parents=True)
    link = tmp_path / f"{PREFIX}{ended.pid}-e"
    link.symlink_to(others[0])
    with scratch(tmp_path):
        assert not left.exists()
    assert sorted(tmp_path.iterdir()) == sorted([runs, link, *others])
    assert (others[0] / "clone").is_dir()
