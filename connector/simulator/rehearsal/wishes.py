"""What was written on the command line, as the options of a drill."""

from dataclasses import replace

from connector.settings.quantities import read_duration
from connector.simulator.levels import Level
from connector.simulator.rehearsal.names import FaultName, chosen_faults
from connector.simulator.rehearsal.options import GatewayKind, RehearsalOptions

__all__ = ["options_of"]


def options_of(
    *,
    letters: int,
    nodes: int,
    database: str,
    faults: str,
    kills: int | None,
    seed: int,
    level: str,
    within: str | None,
    gateway: str = GatewayKind.ASKED,
) -> RehearsalOptions:
    """Return the options. Raise ValueError with a sentence for people when they do not go together.

    Where kills are not given they follow the letters; where they are given a node is killed, whatever the faults.
    """
    chosen = chosen_faults(faults)
    is_sqlite = database == "sqlite"
    if is_sqlite and nodes > 1:
        raise ValueError(
            "several nodes need a PostgreSQL between them: write --database postgresql, or --nodes 1"
        )
    if kills == 0 and FaultName.NODE_KILLED in chosen:
        raise ValueError("node_killed is among the faults: give it --kills of at least 1, or leave it out")
    options = RehearsalOptions(
        letters=letters,
        nodes=nodes,
        is_postgresql=not is_sqlite,
        faults=chosen,
        kills=kills or 0,
        seed=seed,
        level=Level(level),
        gateway=GatewayKind(gateway),
        within=read_duration(within) if within else None,
    )
    if kills is None and FaultName.NODE_KILLED in chosen:
        options = replace(options, kills=max(letters // 20, 1))
    if kills and FaultName.NODE_KILLED not in chosen:
        options = replace(options, faults=(*chosen, FaultName.NODE_KILLED))
    return _where_something_goes_wrong(options)


def _where_something_goes_wrong(options: RehearsalOptions) -> RehearsalOptions:
    """Return the options; raise ValueError where faults are wished for and none of them can happen."""
    if options.not_applicable and not options.planned_faults:
        raise ValueError(
            f"nothing would go wrong: {', '.join(options.not_applicable)} cannot happen so. "
            "Write --database postgresql or --gateway asked, or choose other faults"
        )
    return options
