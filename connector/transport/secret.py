"""Secrets by reference: the configuration names where a secret is, never the secret itself."""

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connector.errors import SecretMissing

__all__ = ["SecretReference"]


class SecretReference(BaseModel):
    """Where a secret is found. Exactly one of the three is given.

    ``credential`` is the name of a systemd credential (``LoadCredential=`` puts it into $CREDENTIALS_DIRECTORY),
    ``file`` a path that only the daemon may read, ``environment`` the name of a variable.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    credential: str | None = Field(
        default=None, pattern=r"^[A-Za-z0-9._-]+$", description="systemd credential name"
    )
    file: Path | None = Field(default=None, description="file that holds the secret and nothing else")
    environment: str | None = Field(default=None, description="name of the environment variable")

    @model_validator(mode="after")
    def _exactly_one(self) -> "SecretReference":
        if sum(part is not None for part in (self.credential, self.file, self.environment)) != 1:
            raise ValueError("give exactly one of: credential, file, environment")
        return self

    def reveal(self) -> str:
        """Return the secret without its line end. Raise SecretMissing, naming the place and never the content."""
        if self.environment is not None:
            value = os.environ.get(self.environment, "")
            if not value:
                raise SecretMissing(
                    f"The environment variable {self.environment} is not set.",
                    next_step="Set it, or name a file instead.",
                )
            return value
        return self._read(self._path())

    def _path(self) -> Path:
        if self.file is not None:
            return self.file
        folder = os.environ.get("CREDENTIALS_DIRECTORY")
        if not folder:
            raise SecretMissing(
                f"The credential {self.credential} is not there: no $CREDENTIALS_DIRECTORY.",
                next_step=f"Start under systemd with LoadCredential={self.credential}:/path, or name a file instead.",
            )
        return Path(folder) / str(self.credential)

    @staticmethod
    def _read(path: Path) -> str:
        try:
            value = path.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise SecretMissing(
                f"The secret file {path} cannot be read: {type(error).__name__}.",
                next_step="Create it and make it readable for the user that Chapar runs as, and for nobody else.",
            ) from None
        if not value:
            raise SecretMissing(f"The secret file {path} is empty.", next_step="Write the secret into it.")
        return value
