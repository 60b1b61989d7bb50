"""One, two and four daemons on one PostgreSQL, before an office that takes 200 ms over each letter.

Each daemon makes two calls at a time, so that the office's latency is the limit and not the processors of one machine:
four daemons, a server and the office have to share those here. Linear is so many times the rate of one daemon, which is
measured before and after the others.
"""

import statistics
import uuid
from datetime import timedelta
from time import monotonic

import sqlalchemy as sa

from connector.simulator.postgresql_server import PostgresqlServer
from tests.bench.backlog import backlog

OFFICE = "branch"
ORDER = (1, 2, 4, 1)
CALLS_AT_ONCE = 2
LATENCY = timedelta(milliseconds=200)
WAITING = 2_000
SECONDS = 7.0


def run_with(nodes: int, server_url: str) -> float:
    """Return how many letters so many daemons bring to the office in a second."""
    name = f"nodes_{uuid.uuid4().hex[:12]}"
    engine = sa.create_engine(server_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    url = sa.make_url(server_url).set(database=name).render_as_string(hide_password=False)
    with backlog(
        {OFFICE: WAITING}, latency=LATENCY, calls_at_once=CALLS_AT_ONCE, nodes=nodes, ledger_url=url
    ) as scene:
        scene.start()
        return scene.rate(OFFICE, settling=3, seconds=SECONDS)


def measure(server: PostgresqlServer) -> dict[str, float]:
    """Return the rates and what share of linear the larger numbers reach."""
    rates: dict[int, list[float]] = {nodes: [] for nodes in ORDER}
    for nodes in ORDER:
        rates[nodes].append(run_with(nodes, server.url))
    one = statistics.mean(rates[1])
    return {
        **{f"rate_{nodes}": statistics.mean(measured) for nodes, measured in rates.items()},
        **{f"linear_{nodes}": statistics.mean(measured) / (nodes * one) for nodes, measured in rates.items()},
    }


if __name__ == "__main__":
    from connector.simulator.postgresql_server import running_server

    began = monotonic()
    with running_server() as started:
        if started is not None:
            print(measure(started), f"{monotonic() - began:.0f} s")
