"""When it is tried again and looked again: growing, bounded, and right after the proof is possible."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from connector.registration.patience import RegistrationPolicy, when_to_look_again, when_to_try_again

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
POLICY = RegistrationPolicy()


def test_the_first_lookup_comes_soon() -> None:
    assert when_to_look_again(NOW, 0, 10 * MINUTE, NOW) == NOW + timedelta(seconds=5)


def test_the_lookup_that_may_prove_absence_is_not_a_whole_gap_late() -> None:
    now = NOW + 9 * MINUTE
    due_at = when_to_look_again(NOW, 5, 10 * MINUTE, now)
    assert NOW + 10 * MINUTE < due_at <= NOW + 10 * MINUTE + timedelta(seconds=1)


def test_after_the_longest_processing_time_the_gaps_stay_bounded() -> None:
    now = NOW + 60 * MINUTE
    assert when_to_look_again(NOW, 50, 10 * MINUTE, now) == now + POLICY.look_up_at_most_every


@given(
    lookups=st.integers(0, 1000),
    longest=st.timedeltas(timedelta(), timedelta(days=3)),
    passed=st.timedeltas(timedelta(), timedelta(days=5)),
)
def test_a_lookup_is_always_ahead_and_never_further_than_the_limit(
    lookups: int, longest: timedelta, passed: timedelta
) -> None:
    now = NOW + passed
    due_at = when_to_look_again(NOW, lookups, longest, now)
    assert now < due_at <= now + POLICY.look_up_at_most_every


@given(earlier=st.integers(0, 1000), jitter=st.floats(0, 1, exclude_max=True))
def test_a_new_try_is_never_at_once_and_never_later_than_the_limit(earlier: int, jitter: float) -> None:
    wait = when_to_try_again(earlier, NOW, POLICY, jitter) - NOW
    assert POLICY.retry_first_after * 0.74 < wait <= POLICY.retry_at_most_every
