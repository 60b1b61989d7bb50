"""A whole house beside a real gateway: one office that nobody reaches, one gateway ``sms``, the ledger in a file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from connector.assembly.house import House, assemble
from connector.assembly.ledger import prepare_settings_database
from connector.clock import now
from connector.ledger.database import open_database
from connector.ledger.seal import new_key
from connector.settings.load import load_settings

GROUND = """
[daemon]
node = "lab"
[log]
level = "error"
[ledger]
url = "sqlite:///{folder}/chapar.db"
attachments = "{folder}/attachments"
[ledger.keys]
current = "key-1"
ring = {{ "key-1" = {{ file = "{folder}/key-1" }} }}
blind_index = {{ file = "{folder}/blind" }}
[web]
port = {port}
[intake]
routes = "{folder}/routes.yaml"
[offices.elsewhere]
adapter = "rest"
mapping = "simulated-rest"
http.url = "http://127.0.0.1:9"
token = {{ file = "{folder}/token" }}
"""


class PlainClock:
    """The plain time, for the steps of letters."""

    now = staticmethod(now)


def a_house(folder: Path, sections: str, secrets: Mapping[str, str], **values: object) -> House:
    """Return the house that these further sections describe; not started yet."""
    files = {
        "key-1": new_key(),
        "blind": new_key(),
        "routes.yaml": "routes:\n  - to: {office: elsewhere, secretariat: central, gateway: sms}\n",
        "token": "unused",
    }
    for name, content in {**files, **secrets}.items():
        (folder / name).write_text(content)
        (folder / name).chmod(0o600)
    file = folder / "chapar.toml"
    file.write_text((GROUND + sections).format(folder=folder, **values))
    settings = load_settings(file)
    prepare_settings_database(settings)
    return assemble(settings)


def rows(folder: Path, table: sa.Table) -> list[Any]:
    """Return what stands in a table of the house's ledger."""
    database = open_database(f"sqlite:///{folder}/chapar.db")
    with database.reading.connect() as connection:
        found = list(connection.execute(sa.select(table)))
    database.dispose()
    return found
