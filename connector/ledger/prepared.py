"""Statements that are compiled once and handed to the driver as text.

SQLAlchemy finds a statement's compiled form anew at each execution and walks through its events. For the few statements
that every step of every letter makes, that is half of their cost.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

__all__ = ["Prepared", "prepared_update"]

Statement = sa.Insert | sa.Update | sa.Select[Any]


class Prepared:
    """One statement, ready for any dialect. Rows come as the driver gives them: no types of ours are applied."""

    def __init__(self, statement: Statement) -> None:
        """Take the statement; it is compiled when it is first run."""
        self._statement = statement
        self._forms: dict[str, _Form] = {}

    def run(self, connection: sa.Connection, values: Mapping[str, Any]) -> int:
        """Run the statement with these values of its parameters and return how many rows it changed."""
        changed: int = self._execute(connection, values).rowcount
        return changed

    def first(self, connection: sa.Connection, values: Mapping[str, Any]) -> Any:
        """Run a query with these values of its parameters and return its first row, None where there is none."""
        result = self._execute(connection, values)
        row = result.fetchone()
        result.close()
        return row

    def _execute(self, connection: sa.Connection, values: Mapping[str, Any]) -> Any:
        dialect = connection.dialect
        form = self._form(dialect)
        if dialect.name != "sqlite":
            return connection.exec_driver_sql(form.text, form.parameters(values))
        # In the same process, so that the way through SQLAlchemy would take most of the time.
        driver: Any = connection.connection.dbapi_connection
        driver_error = dialect.loaded_dbapi.Error
        try:
            return driver.execute(form.text, form.parameters(values))
        except driver_error as error:
            raise sa.exc.DBAPIError.instance(form.text, None, error, driver_error) from error

    def _form(self, dialect: Dialect) -> "_Form":
        form = self._forms.get(dialect.name)
        if form is None:
            form = self._forms[dialect.name] = _Form(self._statement, dialect)
        return form


@cache
def prepared_update(table: sa.Table, key: str, columns: frozenset[str]) -> Prepared:
    """Return the update of these columns of the row whose key is ``of_row``; made once for each choice of columns."""
    return Prepared(
        sa.update(table)
        .where(table.c[key] == sa.bindparam("of_row"))
        .values({name: sa.bindparam(name) for name in sorted(columns)})
    )


class _Form:
    """The statement as one driver wants it."""

    def __init__(self, statement: Statement, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self.text = str(compiled)
        self._names = list(compiled.positiontup or compiled.params)
        self._is_positional = compiled.positional
        self._fixed = {name: value for name, value in compiled.params.items() if value is not None}
        converters: list[Callable[[Any], Any] | None] = [
            compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect) for name in self._names
        ]
        self._converters = [(place, each) for place, each in enumerate(converters) if each is not None]

    def parameters(self, values: Mapping[str, Any]) -> Any:
        """Return the values in the driver's order and form."""
        given = {**self._fixed, **values} if self._fixed else values
        converted = [given.get(name) for name in self._names]
        for place, convert in self._converters:
            converted[place] = convert(converted[place])
        return tuple(converted) if self._is_positional else dict(zip(self._names, converted, strict=True))
