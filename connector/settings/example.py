"""The example configuration and the schema, made from the models: what is written there is what is read."""

import textwrap
from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any, Final

from pydantic import BaseModel

from connector.ports.catalogue import AdapterKind, adapter_kind
from connector.settings.connections import CORE_KEYS, GROUPS
from connector.settings.gateway import GatewayOptions
from connector.settings.settings import Settings
from connector.settings.written import comment, table, toml_value

__all__ = ["example_text", "schema", "shipped_kinds"]

_FIRST: Final = {
    "portals": ("website", "push"),
    "offices": ("municipality", "soap"),
    "gateways": ("sms", "kavenegar"),
}
"""The connection of each group that the example shows ready to be filled in."""

_TITLES: Final = {
    "portals": ("The citizen portals that letters come from.", "درگاه‌هایی که نامه از آن‌ها می‌رسد"),
    "offices": ("The office-automation suites that letters are registered in.", "سامانه‌های اتوماسیون اداری"),
    "gateways": ("The SMS gateways that citizens are told through.", "درگاه‌های پیامک"),
}

_HEAD: Final = """\
# Chapar: the configuration, every option explained.
# پیکربندی چاپار؛ هر گزینه با توضیح آن
#
# A line that begins with # and no space is an option with its default: take the # away to change it.
# What still holds CHANGE-ME must be written by you; Chapar does not start before.
# Lengths of time have a unit (30s, 5m, 1h30m, 7d), sizes too (512KB, 20MB). Relative paths are meant from
# the folder of this file. A secret is never written here, only where it is found:
#   { credential = "name" }    the file of this name in the folder secrets beside this one, for root alone;
#                              systemd hands it to the service (LoadCredential= in the unit)
#   { file = "path" }          a file that only Chapar's user may read
#   { environment = "NAME" }   a variable
# Every option can also be set by the environment: CHAPAR_WEB__PORT=8081 is port in [web].
# After a change: chapar check. At reload (systemctl reload chapar) the routes, the message texts, [log],
# notification.facts and survey, the agency's name, and in [receiving] how much is answered change; everything else
# needs a restart.
"""


def shipped_kinds(group: str) -> dict[str, AdapterKind[Any]]:
    """Return the adapter kinds that come with Chapar, by name, sorted."""
    names = sorted(
        {
            point.name
            for point in entry_points(group=GROUPS[group].group)
            if point.value.startswith("adapters.")
        }
    )
    return {name: adapter_kind(GROUPS[group].group, name) for name in names}


def example_text(fill: Mapping[str, Any] | None = None) -> str:
    """Return the commented example; ``fill`` sets options by their path, as ``{"ledger.url": "sqlite:///x.db"}``."""
    lines = [_HEAD.rstrip()]
    for name, field in Settings.model_fields.items():
        if name in GROUPS:
            lines += _group(name)
        elif isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            lines += [
                "",
                "",
                *comment(field.annotation.__doc__ or ""),
                f"[{name}]",
                *table(name, field.annotation),
            ]
    return _filled("\n".join(lines) + "\n", fill or {})


def schema() -> dict[str, Any]:
    """Return the JSON schema of the configuration; editors complete and check the file by it."""
    result = Settings.model_json_schema()
    result["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    definitions = result["$defs"]
    for group, section in GROUPS.items():
        core = definitions.pop(section.__name__)
        core["properties"].pop("options", None)
        variants = []
        for name, kind in shipped_kinds(group).items():
            variants.append(_variant(core, name, kind, definitions))
        result["properties"][group]["additionalProperties"] = {"anyOf": variants}
        for patterned in result["properties"][group].pop("patternProperties", {}):
            result["properties"][group]["propertyNames"] = {"pattern": patterned}
    definitions.pop("BaseModel", None)
    return result


def _variant(
    core: Mapping[str, Any], name: str, kind: AdapterKind[Any], definitions: dict[str, Any]
) -> dict[str, Any]:
    own = kind.settings.model_json_schema(ref_template="#/$defs/{model}")
    definitions.update(own.pop("$defs", {}))
    properties = {**core["properties"], "adapter": {"const": name}, **own.get("properties", {})}
    return {
        "title": name,
        "description": kind.summary,
        "type": "object",
        "properties": properties,
        "required": ["adapter", *own.get("required", [])],
        "additionalProperties": False,
    }


def _group(group: str) -> list[str]:
    title, persian = _TITLES[group]
    first_name, first_adapter = _FIRST[group]
    kinds = shipped_kinds(group)
    lines = ["", "", f"# {'-' * 98}", *comment(title), f"# {persian}"]
    for adapter in sorted(kinds, key=lambda name: (name != first_adapter, name)):
        is_first = adapter == first_adapter
        path = f"{group}.{first_name if is_first else adapter}"
        lines += ["", *comment(kinds[adapter].summary), f"{'' if is_first else '#'}[{path}]"]
        lines.append(f"{'' if is_first else '#'}adapter = {toml_value(adapter)}")
        # What every gateway has is shown once: there is much of it.
        shown_above = frozenset() if is_first else frozenset(GatewayOptions.model_fields)
        lines += table(path, GROUPS[group], leave_out=shown_above | {"options", "adapter"})
        lines += table(
            path, kinds[adapter].settings, leave_out=frozenset(CORE_KEYS[group]), disabled=not is_first
        )
    return lines


def _filled(text: str, fill: Mapping[str, Any]) -> str:
    left = dict(fill)
    lines, section = [], ""
    for line in text.splitlines():
        if line.startswith(("[", "#[")):
            section = line.strip("#[]") + "."
        name = line.lstrip("#").partition(" = ")[0]
        path = section + name
        if path in left and not line.startswith("# "):
            line = f"{name} = {toml_value(left.pop(path))}"  # noqa: PLW2901
        lines.append(line)
    if left:
        raise KeyError(textwrap.shorten(f"no such options in the example: {', '.join(left)}", 200))
    return "\n".join(lines) + "\n"
