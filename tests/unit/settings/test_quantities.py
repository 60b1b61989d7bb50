"""Lengths of time and sizes, as people write them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from connector.settings.quantities import read_duration, read_size, write_duration, write_size


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("30s", timedelta(seconds=30)),
        ("5m", timedelta(minutes=5)),
        ("1h30m", timedelta(minutes=90)),
        ("1h 30m", timedelta(minutes=90)),
        ("7d", timedelta(days=7)),
        ("250ms", timedelta(milliseconds=250)),
        ("0s", timedelta()),
        ("1.5h", timedelta(minutes=90)),
        ("PT5M", timedelta(minutes=5)),
        ("۵m", timedelta(minutes=5)),
        ("P1DT2H", timedelta(hours=26)),
    ],
)
def test_a_length_of_time_is_read_with_its_unit(written, meant):
    assert read_duration(written) == meant


@pytest.mark.parametrize(
    "written", [30, 1.5, "", "30", "s", "5 minutes", "-5m", "-PT5M", "P", "100000d", None, True]
)
def test_anything_else_is_refused(written):
    with pytest.raises(ValueError):
        read_duration(written)


@given(some.integers(min_value=0, max_value=10**11).map(lambda count: timedelta(milliseconds=count)))
def test_what_is_written_is_read_back_the_same(duration):
    assert read_duration(write_duration(duration)) == duration


@pytest.mark.parametrize(
    ("written", "meant"),
    [("512KB", 512_000), ("20MB", 20_000_000), ("1GiB", 2**30), ("10 mib", 10 * 2**20), (7, 7), ("7B", 7)],
)
def test_a_size_is_read_with_its_unit(written, meant):
    assert read_size(written) == meant


@pytest.mark.parametrize("written", ["", "20", "MB", "twenty MB", None, True, -1.5])
def test_a_size_without_a_unit_is_refused(written):
    with pytest.raises(ValueError):
        read_size(written)


@given(some.integers(min_value=0, max_value=10**12))
def test_a_size_that_is_written_is_read_back_the_same(size):
    assert read_size(write_size(size)) == size
