"""The entry point: builds the commands, runs one, and turns every ending into a sentence and an exit code."""

import gc
import os
import sys
from typing import Annotated

import typer

from connector import __version__
from connector.cli import (
    alerts,
    attention,
    audit,
    check,
    config,
    connections,
    database,
    demo,
    gateways,
    init,
    letters,
    mappings,
    messages,
    new,
    nodes,
    offices,
    rehearse,
    run,
    simulate,
    wsdl,
)
from connector.cli.errors import ExitCode, render, render_bug
from connector.cli.language import chosen_language
from connector.cli.options import Json
from connector.cli.output import print_json, print_text
from connector.domain.letter import Language
from connector.errors import ChaparError

__all__ = ["application", "main"]

application = typer.Typer(
    name="chapar",
    help="Chapar, the courier between a citizen portal and the secretariat. چاپار، پیک میان درگاه شهروندان و دبیرخانه",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print_text(f"chapar {__version__} (Python {sys.version.split()[0]})")
        raise typer.Exit


@application.callback()
def every_command(
    language: Annotated[
        Language | None,
        typer.Option("--language", help="fa or en; by default that of $LANG.", show_default=False),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of a fault of Chapar itself.")
    ] = False,
) -> None:
    """Take the options that stand before every command."""
    chosen_language(language)


@application.command("version")
def tell_version(json: Json = False) -> None:
    """Print the version."""
    if json:
        print_json({"chapar": __version__, "python": sys.version.split()[0]})
    else:
        _print_version(wanted=True)


application.command("init")(init.init)
application.command("check")(check.check)
application.command("run")(run.run)
application.command("demo")(demo.demo)
application.command("rehearse")(rehearse.rehearse)
application.command("attention")(attention.attention)
application.command("nodes")(nodes.list_nodes)
application.command("pause")(connections.pause)
application.command("resume")(connections.resume)
application.add_typer(alerts.application, name="alerts")
application.add_typer(letters.application, name="letters")
application.add_typer(messages.application, name="messages")
application.add_typer(audit.application, name="audit")
application.add_typer(mappings.application, name="mappings")
application.add_typer(messages.application, name="messages")
application.add_typer(new.application, name="new")
application.add_typer(offices.application, name="offices")
application.add_typer(gateways.application, name="gateways")
application.add_typer(simulate.application, name="simulate")
application.add_typer(config.application, name="config")
application.add_typer(database.application, name="db")
application.add_typer(wsdl.application, name="wsdl")


def main() -> None:
    """Run the command line and leave with its exit code."""
    # What a start loads stays: to look through it for garbage again and again would take a fifth of its time. A command
    # lives briefly and needs no collector; daemon and demo set it going once everything is loaded.
    gc.disable()
    sys.exit(_ending(sys.argv[1:]))


def _ending(arguments: list[str]) -> int:
    debug = "--debug" in arguments
    try:
        application(args=arguments, prog_name="chapar")  # leaves by SystemExit, also for wrong usage
    except ChaparError as error:
        if debug:
            render_bug(error, debug=True)
        return render(error, as_json="--json" in arguments)
    except BrokenPipeError:
        _let_go_of_output()
        return ExitCode.DONE
    except Exception as error:  # noqa: BLE001 - the last one who can tell people what happened
        return render_bug(error, debug=debug)
    return ExitCode.DONE


def _let_go_of_output() -> None:
    """The reader has left (chapar letters list | head): nothing is to be said to it at the end either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
