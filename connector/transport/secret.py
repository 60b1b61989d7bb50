"""Secrets by reference: the configuration names where a secret is, never the secret itself."""

import os
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator

from connector.errors import SecretMissing

__all__ = ["SecretReference"]

_LOADED_AS: Final = "chapar_"
"""LoadCredential=chapar:/folder in the unit names each file of the folder so."""


class SecretReference(BaseModel):
    """Where a secret is found. Exactly one of the three is given.

    ``credential`` is the name of a systemd credential (``LoadCredential=`` puts it into $CREDENTIALS_DIRECTORY); where
    systemd hands none over, as in a command that root types, it is a file in the folder that ``beside`` was told.
    ``file`` is a path that only the daemon may read, ``environment`` the name of a variable.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    credential: str | None = Field(
        default=None, pattern=r"^[A-Za-z0-9._-]+$", description="systemd credential name"
    )
    file: Path | None = Field(default=None, description="file that holds the secret and nothing else")
    environment: str | None = Field(default=None, description="name of the environment variable")
    _beside: Path | None = PrivateAttr(default=None)

    @model_validator(mode="before")
    @classmethod
    def _never_the_secret_itself(cls, value: Any) -> Any:
        if isinstance(value, str):
            raise ValueError(  # noqa: TRY004 - pydantic wants it so
                "a secret is not written here; say where it is found: "
                '{ credential = "name" }, { file = "path" } or { environment = "NAME" }'
            )
        return value

    @model_validator(mode="after")
    def _exactly_one(self) -> "SecretReference":
        if sum(part is not None for part in (self.credential, self.file, self.environment)) != 1:
            raise ValueError("give exactly one of: credential, file, environment")
        return self

    def beside(self, folder: Path) -> "SecretReference":
        """Return the reference with the folder of its credential, for where systemd hands none over."""
        told = self.model_copy()
        told._beside = folder
        return told

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
        handed_over = os.environ.get("CREDENTIALS_DIRECTORY")
        if handed_over:
            single = Path(handed_over, str(self.credential))
            return single if single.exists() else Path(handed_over, f"{_LOADED_AS}{self.credential}")
        if self._beside is None:
            raise SecretMissing(
                f"The credential {self.credential} is not there: no $CREDENTIALS_DIRECTORY.",
                next_step=f"Start under systemd with LoadCredential={self.credential}:/path, or name a file instead.",
            )
        return self._beside / str(self.credential)

    def _read(self, path: Path) -> str:
        try:
            value = path.read_text(encoding="utf-8-sig").rstrip("\r\n")
        except FileNotFoundError:
            raise SecretMissing(
                f"The secret file {path} is not there.", next_step=self._how_to_write()
            ) from None
        except PermissionError:
            raise SecretMissing(
                f"The secret file {path} may not be read by this user.",
                next_step="Run it as root (sudo), or let the user that Chapar runs as read the file, and nobody else.",
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise SecretMissing(
                f"The secret file {path} cannot be read: {type(error).__name__}.",
                next_step="Write the secret into it as one line of text.",
            ) from None
        if not value:
            raise SecretMissing(f"The secret file {path} is empty.", next_step=self._how_to_write())
        return value

    def _how_to_write(self) -> str:
        place = self.file or (self._beside / str(self.credential) if self._beside else self.credential)
        owner = "" if self._beside else ", readable for the user that Chapar runs as and for nobody else"
        return f"Write the secret into it{owner}: install -m 600 /dev/stdin {place}"
