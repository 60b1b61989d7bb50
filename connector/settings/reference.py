"""The page of all options, made from the models like the example and the schema."""

from collections.abc import Iterator
from typing import Final

from pydantic import BaseModel

from connector.settings.connections import CORE_KEYS, GROUPS
from connector.settings.example import shipped_kinds
from connector.settings.settings import Settings
from connector.settings.written import options_of

__all__ = ["reference_text"]

_HEAD: Final = """\
# Configuration

<!-- Made by: make generate. Write in connector/settings, not here. -->

Chapar reads one TOML file: the one named with `--config`, else `$CHAPAR_CONFIG`, `./chapar.toml`, or
`/etc/chapar/chapar.toml`. `chapar init` writes one to begin with, `chapar check` says whether all is in order.

* **Lengths of time** have a unit: `30s`, `5m`, `1h30m`, `7d`, or ISO 8601 (`PT5M`). **Sizes** too: `512KB`, `20MB`.
* **Relative paths** are meant from the folder of the file.
* **The environment** goes before the file: `CHAPAR_WEB__PORT=8081` is `port` in `[web]`; lists and tables are JSON.
* **Secrets** are never written, only where each is found: `{ file = "path" }`, `{ environment = "NAME" }` or
  `{ credential = "name" }`: the file of this name in `secrets/` beside the configuration, which systemd hands to the
  service (`LoadCredential=`) and root may read.
* **Unknown options** are refused with file, line, path and the nearest known name, and so is every variable that begins
  with `CHAPAR_` and neither sets an option nor holds a secret that the file names (`CHAPAR_CONFIG` names the file).
  Values are never repeated.
* **`CHANGE-ME`** anywhere refuses to start.
* **At reload** (`systemctl reload chapar`) the routes, the message texts, `[log]`, `notification.facts` and `survey`,
  the agency's name, and in `[receiving]` how much is answered change; what else differs is named and needs a restart.

`config/chapar.example.toml` is the same as a file, `config/chapar.schema.json` lets editors complete and check it
(first line of your file: `#:schema /path/to/chapar.schema.json`). `chapar config show` prints what is in force.
Where letters go is in a file of its own: [routes.example.yaml](../config/routes.example.yaml).
"""


def reference_text() -> str:
    """Return the page: one table for each section, and one for each adapter that comes with Chapar."""
    lines = [_HEAD.rstrip()]
    for name, field in Settings.model_fields.items():
        if name in GROUPS:
            lines += _group(name)
        elif isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            lines += ["", f"## [{name}]", "", " ".join((field.annotation.__doc__ or "").split()), ""]
            lines += _table(field.annotation)
    return "\n".join(lines) + "\n"


def _group(group: str) -> Iterator[str]:
    yield from ["", f"## [{group}.NAME]", "", f"One table for each connection; NAME is yours. {_NAMES}", ""]
    yield from _table(GROUPS[group], frozenset({"options"}))
    for name, kind in shipped_kinds(group).items():
        yield from ["", f'### {group}: adapter = "{name}"', "", f"{kind.summary.rstrip('.')}.", ""]
        yield from _table(kind.settings, frozenset(CORE_KEYS[group]))


_NAMES: Final = "Small letters, digits, `-` and `_`."


def _table(model: type[BaseModel], hidden: frozenset[str] = frozenset()) -> Iterator[str]:
    yield "| option | default | what it is |"
    yield "|---|---|---|"
    for path, default, prose in options_of(model, hidden=hidden):
        shown = f"`{default}`" if default else "**required**" if default is None else "–"
        yield f"| `{path}` | {shown} | {prose.replace('|', chr(92) + '|')} |"
