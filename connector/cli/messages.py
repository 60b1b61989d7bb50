"""``chapar messages``: what citizens wrote to us and what became of it, who wants no messages, and what they think."""

import typer

from connector.cli import messages_incoming, messages_optouts

__all__ = ["application"]

application = typer.Typer(help="Messages to citizens, and from them. پیامک‌ها", no_args_is_help=True)
application.command("incoming")(messages_incoming.list_incoming)
application.command("survey")(messages_incoming.survey)
application.add_typer(messages_optouts.application, name="optouts")
