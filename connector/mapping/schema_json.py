"""The JSON schema of office mappings, for editors that complete and check while one writes.

``python -m connector.mapping.schema_json`` writes it to standard output; ``make generate`` makes
config/mapping.schema.json of that.
"""

import json
import sys
from typing import Any

from connector.mapping.schema import OfficeMapping

__all__ = ["schema_text"]


def schema_text() -> str:
    """Return the schema as JSON text, the same for the same version."""
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **OfficeMapping.model_json_schema(by_alias=True),
    }
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
