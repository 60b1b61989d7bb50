"""Commands speak for themselves: the log of what they call stays silent, except for what is a fault."""

__all__ = ["quiet_log"]


def quiet_log() -> None:
    """Let only faults through, to standard error; standard output belongs to the command."""
    from connector.observability.logging import configure_logging

    configure_logging("console", "critical")
