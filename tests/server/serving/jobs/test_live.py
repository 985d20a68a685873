"""How the job process hears whether rooms are live."""

from __future__ import annotations

from server.serving.jobs.runner import Live


def test_the_last_whole_line_counts() -> None:
    live = Live()
    assert not live()
    live.hear(b"3")
    assert not live()
    live.hear(b"\n")
    assert live()
    live.hear(b"2\n1\n0\n")
    assert not live()


def test_what_is_no_number_changes_nothing() -> None:
    live = Live()
    live.hear(b"1\n")
    live.hear(b"nonsense\n-1\n" + b"x" * 10_000)
    assert live()
