"""Thousands of histories say nothing: their log would be longer than any other thing that they do."""

import pytest
import structlog


@pytest.fixture(autouse=True)
def _silence() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
