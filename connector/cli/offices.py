"""``chapar offices certify``: prove an office adapter, and write down what was proven."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.certificates import Output, Report, ReportOption, examined_and_written
from connector.cli.mapping_files import find_mapping_file
from connector.cli.options import ConfigFile
from connector.cli.quiet import quiet_log
from connector.errors import MappingInvalid, SettingsInvalid

if TYPE_CHECKING:
    from connector.settings.connections import OfficeSection
    from connector.settings.settings import Settings
    from connector.testing.certificate import Certificate

__all__ = ["application"]

application = typer.Typer(help="Prove office adapters. آداپتورهای اتوماسیون", no_args_is_help=True)


@application.callback()
def offices() -> None:
    """Prove office adapters."""


Name = Annotated[
    str | None,
    typer.Argument(
        help="A configured office; where none has this name, a mapping or an installed adapter.",
        metavar="[NAME]",
        show_default=False,
    ),
]
MappingName = Annotated[
    str | None,
    typer.Option(
        "--mapping", help="A mapping by its name or file, without any configuration.", show_default=False
    ),
]
Adapter = Annotated[
    str | None,
    typer.Option("--adapter", help="An installed adapter whose package brings a bench.", show_default=False),
]
Slow = Annotated[
    bool, typer.Option("--slow", help="With the checks that take long, such as a file of 64 MB.")
]
Live = Annotated[
    bool,
    typer.Option(
        "--live",
        help="Ask the configured office itself, harmless questions only: a number of a live office is a real number.",
    ),
]
Secretariat = Annotated[
    str | None,
    typer.Option(
        help="With --live: the desk that is asked for a letter that nobody sent.", show_default=False
    ),
]
Json = Annotated[bool, typer.Option("--json", help="The same as --report json.")]


@application.command()
def certify(
    connection: Name = None,
    mapping: MappingName = None,
    adapter: Adapter = None,
    report: ReportOption = Report.TEXT,
    output: Output = None,
    slow: Slow = False,
    live: Live = False,
    secretariat: Secretariat = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Run the contract of office adapters and write a dated certificate with the recovery level that was proven.

    The adapter stands before an office that is simulated from its mapping, on loopback, with a book of its own and
    every fault. Ends with 0 where every check passed and the declared level is proven, 1 where not, 3 where the
    configuration or the mapping cannot be used.
    """
    quiet_log()
    _one_subject(connection, mapping, adapter, live=live, secretariat=secretariat)
    report = Report.JSON if json else report
    examined_and_written(
        lambda saw: _examined(
            connection, mapping, adapter, config, slow=slow, secretariat=secretariat, saw=saw
        ),
        report,
        output,
    )


def _one_subject(
    connection: str | None, mapping: str | None, adapter: str | None, *, live: bool, secretariat: str | None
) -> None:
    if sum(each is not None for each in (connection, mapping, adapter)) != 1:
        raise typer.BadParameter("Name one: a configured office, --mapping or --adapter.", param_hint="NAME")
    if live and connection is None:
        raise typer.BadParameter("Only a configured office can be asked live.", param_hint="--live")
    if live != (secretariat is not None):
        raise typer.BadParameter(
            "--live and --secretariat belong together: say which desk is asked.", param_hint="--secretariat"
        )


def _examined(
    connection: str | None,
    mapping: str | None,
    adapter: str | None,
    config: Path | None,
    *,
    slow: bool,
    secretariat: str | None,
    saw: Any,
) -> "Certificate":
    from connector.testing.examining import examine_adapter, examine_mapping

    if mapping is not None:
        return examine_mapping(find_mapping_file(mapping, config).path, with_slow=slow, saw=saw)
    if adapter is not None:
        return examine_adapter(adapter, with_slow=slow, saw=saw)
    name = connection or ""
    if secretariat is None and (other := _unconfigured(name, config)):
        return _examined(None, *other, config, slow=slow, secretariat=None, saw=saw)
    settings, section = _configured(name, config)
    if secretariat is not None:
        return _live(settings, name, section, secretariat, saw)
    return _of_connection(name, section, settings, slow=slow, saw=saw)


def _of_connection(
    connection: str, section: "OfficeSection", settings: "Settings", *, slow: bool, saw: Any
) -> "Certificate":
    from connector.mapping.load import find_mapping
    from connector.settings.shipped import mapping_folders
    from connector.testing.examining import examine_adapter, examine_mapping

    name = getattr(section.options, "mapping", None)
    if not isinstance(name, str):
        options = section.options.model_dump(exclude_unset=True)
        return examine_adapter(
            section.adapter, connection=connection, options=options, with_slow=slow, saw=saw
        )
    path = find_mapping(name, mapping_folders(settings.daemon.mappings))
    own = {"mapping", "http", "username", "password", "token"}
    options = section.options.model_dump(exclude=own, exclude_unset=True)
    return examine_mapping(path, connection=connection, options=options, with_slow=slow, saw=saw)


def _unconfigured(name: str, config: Path | None) -> tuple[str | None, str | None] | None:
    """Return the mapping or the adapter of this name where no office is configured under it, else None."""
    from connector.settings.load import find_file, load_settings
    from connector.testing.examining import brings_bench

    try:
        file = find_file(config)
    except SettingsInvalid:
        if config is not None:
            raise
    else:
        if name in load_settings(file).offices:
            return None
    try:
        find_mapping_file(name, config)
    except MappingInvalid:
        return (None, name) if brings_bench(name) else None
    return name, None


def _live(
    settings: "Settings", name: str, section: "OfficeSection", secretariat: str, saw: Any
) -> "Certificate":
    from connector.assembly.connections import build_connection
    from connector.testing.examining import examine_live

    connection = build_connection(settings, "offices", name, section)
    try:
        office = connection.adapter
        return examine_live(
            office, connection=name, adapter=section.adapter, secretariat=secretariat, saw=saw
        )
    finally:
        connection.close()


def _configured(name: str, config: Path | None) -> "tuple[Settings, OfficeSection]":
    from connector.settings.load import find_file, load_settings

    settings = load_settings(find_file(config))
    if name not in settings.offices:
        raise SettingsInvalid(
            f"There is no office of the name {name!r}.",
            next_step=f"There are: {', '.join(sorted(settings.offices)) or 'none'}. Or: --mapping NAME.",
        )
    return settings, settings.offices[name]
