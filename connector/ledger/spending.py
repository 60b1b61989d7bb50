"""What a gateway was given on a day: counted with the intent, and taken back where certainly nothing was sent."""

from typing import Final

import sqlalchemy as sa

from connector.ledger.prepared import Prepared, prepared_update
from connector.ledger.records import DailyBudget, MessagePlan
from connector.ledger.tables import messages, spendings
from connector.ledger.writer import Transaction

__all__ = ["give_back", "spend"]

_OF_DAY: Final = sa.and_(
    spendings.c.gateway == sa.bindparam("of_gateway"),
    spendings.c.day == sa.bindparam("on_day", type_=spendings.c.day.type),
)
_ADD: Final = Prepared(
    sa.update(spendings)
    .where(_OF_DAY)
    .values(
        parts=spendings.c.parts + sa.bindparam("more_parts", type_=sa.Integer),
        cost=spendings.c.cost + sa.bindparam("more_cost", type_=sa.BigInteger),
    )
)
_SPENT: Final = sa.select(spendings.c.parts, spendings.c.cost).where(_OF_DAY)
_OF_MESSAGE: Final = sa.select(messages.c.parts, messages.c.cost, messages.c.spent_on).where(
    messages.c.own_id == sa.bindparam("of_message")
)


def spend(transaction: Transaction, budget: DailyBudget, plan: MessagePlan) -> bool:
    """Count this message into the day, and return whether the budget has room for it; if not, nothing is counted.

    The row is written before it is read: so nobody else reads it meanwhile.
    """
    _begin_day(transaction, budget)
    _count(transaction, budget, plan.parts, plan.cost or 0)
    spent = transaction.connection.execute(_SPENT, {"of_gateway": budget.gateway, "on_day": budget.day}).one()
    has_room = (budget.most_parts is None or spent.parts <= budget.most_parts) and (
        budget.most_cost is None or spent.cost <= budget.most_cost
    )
    if not has_room:
        _count(transaction, budget, -plan.parts, -(plan.cost or 0))
    return has_room


def give_back(transaction: Transaction, gateway: str, own_id: int) -> None:
    """Take back what was counted for this message: it was certainly not sent."""
    row = transaction.connection.execute(_OF_MESSAGE, {"of_message": own_id}).one()
    if row.spent_on is None:
        return
    _count(transaction, DailyBudget(gateway=gateway, day=row.spent_on), -(row.parts or 0), -(row.cost or 0))
    update = prepared_update(messages, "own_id", frozenset({"spent_on"}))
    update.run(transaction.connection, {"of_row": own_id, "spent_on": None})


def _begin_day(transaction: Transaction, budget: DailyBudget) -> None:
    """Make the day's row where it is not there; whoever makes it first makes it for all."""
    values = {"gateway": budget.gateway, "day": budget.day, "parts": 0, "cost": 0}
    if transaction.connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as insert_once

        transaction.connection.execute(insert_once(spendings).values(values).on_conflict_do_nothing())
    else:
        transaction.connection.execute(sa.insert(spendings).prefix_with("OR IGNORE").values(values))


def _count(transaction: Transaction, budget: DailyBudget, parts: int, cost: int) -> None:
    _ADD.run(
        transaction.connection,
        {"of_gateway": budget.gateway, "on_day": budget.day, "more_parts": parts, "more_cost": cost},
    )
