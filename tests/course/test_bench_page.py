"""course/bench.md and the README's table are made of the recorded run, and of nothing else."""

from bench.page import BEGIN, NOT_YET, PAGE, README, page, readme, recorded, short
from bench.rows import Bound, Row

AGAIN = "Run ./env/bench --record on a machine at rest, and look at the diff."
SLOW = Row("world", "up", "ms", "ours", (5.0,) * 5, "Mininet", (5.0,) * 5, Bound(0.8), "it starts more | waits")
ALONE = Row("world", "PSS", "MB", "ours", (11.0,) * 5, bound=Bound(12))
RUN = {
    "machine": {"processor": "Some CPU, 2 cores", "kernel": "Linux 6.1"},
    "versions": {"Python": "3.11.2", "Mininet": "2.3.0"},
    "benches": {
        "world": {
            "day": "2026-11-24",
            "busy": 0.02,
            "seconds": 9.0,
            "failed": "",
            "rows": [SLOW.as_dict(), ALONE.as_dict()],
            "skipped": [{"bench": "world", "peer": "scapy", "reason": "no network"}],
        }
    },
}


def test_page_is_what_the_recorded_run_makes():
    """Nobody writes in it by hand."""
    assert PAGE.read_text(encoding="utf-8") == page(recorded()), AGAIN


def test_readme_has_the_recorded_table():
    """Between its marks."""
    text = README.read_text(encoding="utf-8")
    assert text.count(BEGIN) == 1
    assert text == readme(text, recorded()), AGAIN


def test_without_a_run_no_figure_is_shown():
    """Both say so."""
    assert NOT_YET in page(None)
    assert short(None) == NOT_YET


def test_a_run_is_shown_with_its_machine_its_misses_and_who_was_missing():
    """Also why a bound is not met."""
    said = page(RUN)
    assert "On Some CPU, 2 cores; Linux 6.1. With Python 3.11.2, Mininet 2.3.0." in said
    assert "2026-11-24, with 2% of the machine in use before." in said
    assert "| up, ms | ours | 5.00 | Mininet | 5.00 | 1.00 | 1.00 – 1.00 | ≤ 0.8 | ✗ |" in said
    assert "Not met, up beside Mininet: it starts more | waits." in said
    assert "Without scapy: no network." in said


def test_the_readme_shows_what_has_a_bound():
    """A ratio with its peer, a figure that stands alone with its unit; nothing beside the marks is touched."""
    text = f"before\n{BEGIN}\nold\n<!-- until here -->\nafter\n"
    renewed = readme(text, RUN)
    assert renewed.startswith(f"before\n{BEGIN}\n")
    assert renewed.endswith("<!-- until here -->\nafter\n")
    assert "| up: ours | 1.00 × Mininet (1.00 – 1.00) | ≤ 0.8 | ✗ |" in renewed
    assert "| PSS: ours | 11.0 MB (11.0 – 11.0) | ≤ 12 | ✓ |" in renewed
    assert readme(renewed, RUN) == renewed
