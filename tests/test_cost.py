"""What would take too long is refused: when, and with which time; by a clock that the test sets."""

import pytest

from matderiv.cost import check_time, paced


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1.4, "1 seconds"),
        (119, "119 seconds"),
        (120, "2 minutes"),
        (7199, "120 minutes"),
        (7200, "2 hours"),
        (172799, "48 hours"),
        (172800, "2 days"),
        (1e9, "11,574 days"),
    ],
)
def test_times_are_written_in_units_of_which_there_are_two(seconds, words):
    with pytest.raises(ValueError, match="would take") as caught:
        check_time(seconds, "it", 1, "stop")
    assert str(caught.value) == f"it would take about {words}, above the limit of 1 seconds; stop"


def test_the_limit_itself_is_allowed():
    check_time(120, "it", 120, "stop")


def items_done(monkeypatch, times, power, max_seconds):
    """Run ten items when the clock shows these times, and the last one ever after."""
    clock = iter(times)
    monkeypatch.setattr("matderiv.cost.monotonic", lambda: next(clock, times[-1]))
    done = []
    try:
        for item in paced(range(10), power, "it", max_seconds):
            done.append(item)
    except ValueError as error:
        return done, str(error)
    return done, None


@pytest.mark.parametrize(("power", "seconds"), [(1, 10), (2, 50), (3, 250)])
def test_the_pace_of_the_work_done_tells_the_time_of_the_whole(monkeypatch, power, seconds):
    times = [100, 100, 101, 102]
    done, message = items_done(monkeypatch, times, power, seconds - 1)
    assert done == [0, 1]
    assert message.startswith("it would take about ")
    assert message.endswith("; ask for less, or raise max_seconds")
    assert items_done(monkeypatch, times, power, seconds) == (list(range(10)), None)


def test_nothing_is_refused_before_the_first_item_nor_in_the_first_second(monkeypatch):
    assert items_done(monkeypatch, [100, 109, 100], 2, 0) == (list(range(10)), None)
    assert items_done(monkeypatch, [100, 100, 100.5, 101], 2, 0) == (list(range(10)), None)
    assert items_done(monkeypatch, [100, 100, 101.1], 2, 100)[0] == [0]
