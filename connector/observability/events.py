"""The catalogue of everything that the log may say, with one sentence each.

An event is a dotted fact, ``stage.fact``. A test compares this catalogue with the names that are used in the
code, both ways: whoever logs something new adds one line here, whoever stops takes it out.
"""

from typing import Final

__all__ = ["EVENTS"]

EVENTS: Final[dict[str, str]] = {
    # observability
    "library.failed": "A library that we use logged an error; its sentence comes without its values.",
    "library.warned": "A library that we use logged a warning; its sentence comes without its values.",
    "process.died": "An exception that nobody caught ends the process.",
    "process.thread_died": "An exception that nobody caught ended one thread.",
}
