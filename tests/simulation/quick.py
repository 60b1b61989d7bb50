"""The ledger's own statements, compiled by SQLAlchemy once and handed to the driver: the same SQL, the same types.

SQLAlchemy's way through each execution is most of what a short statement in memory costs, and a history makes a
hundred of them. A statement that is made anew for each use goes the usual way.
"""

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa

__all__ = ["QuickConnection"]

_Convert = Callable[[Any], Any] | None


class QuickConnection:
    """A connection that is held for good, as the ledger uses one."""

    def __init__(self, connection: sa.Connection) -> None:
        self.dialect = connection.dialect
        self.connection: Any = connection.connection
        self.driver: Any = connection.connection.dbapi_connection
        self.exec_driver_sql = connection.exec_driver_sql
        self._usual = connection
        self._forms: WeakKeyDictionary[Any, _Form | None] = WeakKeyDictionary()

    def execute(self, statement: Any, values: Mapping[str, Any] | None = None) -> Any:
        """Run a statement: the usual way when it is seen for the first time, quickly ever after."""
        form = self._forms.get(statement)
        if form is None:
            if statement not in self._forms:
                self._forms[statement] = None
                return self._usual.execute(statement, values or {})
            form = self._forms[statement] = _Form(statement, self.dialect)
        return form.run(self.driver, values or {})

    def rollback(self) -> None:
        """Leave nothing open, whichever way it was begun."""
        if self.driver.in_transaction:
            self.driver.rollback()
        if self._usual.in_transaction():
            self._usual.rollback()

    def close(self) -> None:
        self._usual.close()


class _Form:
    """One statement as the driver wants it, for each number of members that its lists have."""

    def __init__(self, statement: Any, dialect: Any) -> None:
        self._compiled: Any = statement.compile(dialect=dialect)
        self._fixed = dict(self._compiled.params)
        names = self._compiled.bind_names
        self._lists = sorted(names[each] for each in self._compiled.post_compile_params)
        self._texts: dict[tuple[int, ...], tuple[str, list[tuple[str, str, int, _Convert]]]] = {}
        columns = self._compiled._result_columns
        self._row: Any = namedtuple("Row", [column.keyname for column in columns], rename=True)
        converts = [column.type._cached_result_processor(dialect, None) for column in columns]
        self._converts = [(place, each) for place, each in enumerate(converts) if each is not None]
        self._error = dialect.loaded_dbapi.Error

    def run(self, driver: Any, values: Mapping[str, Any]) -> "_Rows":
        given = {**self._fixed, **values}
        lengths = tuple([len(given[name]) for name in self._lists])
        if lengths not in self._texts:
            self._texts[lengths] = self._expanded(given)
        text, parameters = self._texts[lengths]
        bound = []
        for name, kind, place, convert in parameters:
            value = given[name][place] if kind else given[name]
            bound.append(value if convert is None else convert(value))
        try:
            cursor = driver.execute(text, bound)
            fetched = cursor.fetchall() if cursor.description else []
        except self._error as error:
            raise sa.exc.DBAPIError.instance(text, None, error, self._error) from error
        return _Rows([self._typed(row) for row in fetched], cursor.rowcount)

    def _expanded(self, given: Mapping[str, Any]) -> tuple[str, list[tuple[str, str, int, _Convert]]]:
        """Return the text for lists of these lengths, and for each parameter where its value is found."""
        state = self._compiled.construct_expanded_state(given)
        members = {
            member: (name, "list", place)
            for name, expanded in state.parameter_expansion.items()
            for place, member in enumerate(expanded)
        }
        converts = {**self._compiled._bind_processors, **state.processors}
        parameters = [(*members.get(name, (name, "", 0)), converts.get(name)) for name in state.positiontup]
        return state.statement, parameters

    def _typed(self, row: Sequence[Any]) -> Any:
        values = list(row)
        for place, convert in self._converts:
            if values[place] is not None:
                values[place] = convert(values[place])
        return self._row._make(values)


class _Rows:
    """What a statement brought, with as much of SQLAlchemy's face as the ledger looks at."""

    def __init__(self, rows: list[Any], rowcount: int) -> None:
        self._rows = rows
        self.rowcount = rowcount

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def all(self) -> list[Any]:
        return self._rows

    def first(self) -> Any:
        return self._rows[0] if self._rows else None

    def one(self) -> Any:
        (row,) = self._rows
        return row

    def scalar(self) -> Any:
        return self._rows[0][0] if self._rows else None

    def scalar_one(self) -> Any:
        return self.one()[0]

    def scalars(self) -> Iterator[Any]:
        return (row[0] for row in self._rows)
