"""Breaks one guard of the house in every process that begins with this folder on its PYTHONPATH.

Python imports a module of this name by itself. BROKEN_GUARDS names what is broken, words between commas. Nothing is
broken before the command line is imported: what a daemon does to itself at its start comes first.
"""

import os
import sys
from dataclasses import replace
from importlib.machinery import PathFinder

__all__ = ["BREAKING"]

_WHEN = "connector.cli.main"


def intent_not_committed():
    """The letter is said to be announced, and nothing of it is on disk until the outcome is."""
    from connector.ledger.claims import moved
    from connector.ledger.ledger import Ledger

    announce, record = Ledger.announce, Ledger.record
    pretended = set()

    def announce_nothing(ledger, claim, **_):
        pretended.add((claim.work_id, claim.version))
        return moved(claim, status="registering", version=claim.version)

    def record_both(ledger, claim, *happenings):
        if (claim.work_id, claim.version) in pretended:
            claim = announce(ledger, replace(claim, status="ready"))
        record(ledger, claim, *happenings)

    Ledger.announce, Ledger.record = announce_nothing, record_both


def lost_answer_taken_for_failure():
    """A call that was begun and brought no answer is sent again, as one that was never begun."""
    from connector.errors import OutcomeUnknown, Unavailable
    from connector.registration import registration

    happening_of_failure = registration.happening_of_failure

    def hopeful(error, moment):
        if isinstance(error, OutcomeUnknown):
            error = Unavailable(reason=error.reason)
        return happening_of_failure(error, moment)

    registration.happening_of_failure = hopeful


def lease_not_looked_at():
    """Whatever is due is taken, though somebody else has it in hand."""
    import sqlalchemy as sa
    from sqlalchemy.sql.visitors import replacement_traverse

    from connector.ledger import claims

    def opened(part, **_):
        return sa.true() if part is claims._IS_FREE else None

    claims._DUE = replacement_traverse(claims._DUE, {}, opened)
    claims._TAKE = replacement_traverse(claims._TAKE, {}, opened)


BREAKING = {
    breaking.__name__: breaking
    for breaking in (intent_not_committed, lost_answer_taken_for_failure, lease_not_looked_at)
}


class _Breaker:
    """Finds the command line as everybody does, and breaks the guards once it is imported."""

    def find_spec(self, name, path=None, target=None):
        if name != _WHEN:
            return None
        spec = PathFinder.find_spec(name, path, target)
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            for guard in os.environ["BROKEN_GUARDS"].split(","):
                BREAKING[guard]()

        spec.loader.exec_module = exec_module
        return spec


if os.environ.get("BROKEN_GUARDS"):
    sys.meta_path.insert(0, _Breaker())
