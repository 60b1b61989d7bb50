"""Public holidays as data that an operator may override: ``lists/holidays-NAME.yaml`` in a folder of mappings."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connector.domain.calendar import parse_jalali
from connector.errors import MappingInvalid
from connector.mapping.located import load_located, validate

__all__ = ["HolidayList", "load_holidays"]


class _Holiday(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    on: date = Field(description="the day, Jalali yyyy/MM/dd")
    name: str = Field(default="", description="what is kept, for people")
    estimated: bool = Field(default=False, description="hangs on the moon, and may be a day off")

    @field_validator("on", mode="before")
    @classmethod
    def _jalali(cls, text: object) -> object:
        return parse_jalali(text) if isinstance(text, str) else text


class HolidayList(BaseModel):
    """The holidays of one country, and the last day that the list knows of."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = Field(description="where the days were taken from")
    last: date = Field(description="the last day that the list covers, Jalali")
    holidays: tuple[_Holiday, ...]

    @field_validator("last", mode="before")
    @classmethod
    def _jalali(cls, text: object) -> object:
        return parse_jalali(text) if isinstance(text, str) else text

    @property
    def days(self) -> frozenset[date]:
        """Return the days, estimated ones too."""
        return frozenset(holiday.on for holiday in self.holidays)


def load_holidays(folders: Sequence[Path], name: str) -> HolidayList:
    """Return the list of this name from the first folder that has it.

    Raise MappingInvalid with file and line when it cannot be used, or when no folder has it.
    """
    for folder in folders:
        path = folder / "lists" / f"holidays-{name}.yaml"
        if path.is_file():
            return validate(HolidayList, load_located(path))
    raise MappingInvalid(
        f"No folder of mappings has lists/holidays-{name}.yaml.",
        next_step='Put it there, or choose another in [calendar]: holidays = "ir"; "" has none.',
    )
