"""The office's own book: the other side's truth, which nobody of us may write into."""

from dataclasses import dataclass, field

from connector.domain.referral import Answer, Referral

__all__ = ["Book", "Entry"]


@dataclass(eq=False)
class Entry:
    """One line of the book."""

    number: str | None
    subject: str = ""
    place: str | None = None
    referrals: list[Referral] = field(default_factory=list)
    answer: Answer | None = None
    is_closed: bool = False
    returned_because: str | None = None

    @property
    def has_news(self) -> bool:
        """Whether there is anything to tell that the answer to the create did not say."""
        return self.number is None or bool(self.referrals or self.answer or self.is_ended)

    @property
    def is_ended(self) -> bool:
        return self.is_closed or self.returned_because is not None


class Book:
    """What the office has of each letter, by our key."""

    def __init__(self) -> None:
        self.entries: dict[str, list[Entry]] = {}
        self.refused: set[str] = set()
        self.uploads: set[str] = set()
        self.side_steps: dict[str, list[str]] = {}
        self._given = 0

    def enter(self, key: str, subject: str, number: str | None, place: str | None = None) -> Entry:
        """Write a new line: a second one for the same key is what must never happen."""
        entry = Entry(number, subject, place)
        self.entries.setdefault(key, []).append(entry)
        return entry

    def refuse(self, key: str) -> None:
        """Strike out what waits for its number under this key."""
        self.entries.pop(key, None)
        self.refused.add(key)

    def next_number(self) -> str:
        return f"1405/{self._next()}"

    def next_place(self) -> str:
        return f"place-{self._next()}"

    def next_upload(self) -> str:
        handle = f"upload-{self._next()}"
        self.uploads.add(handle)
        return handle

    def first(self, key: str) -> Entry | None:
        return self.entries.get(key, [None])[0]

    def in_place(self, place: str) -> Entry | None:
        return next((each for lines in self.entries.values() for each in lines if each.place == place), None)

    def _next(self) -> int:
        self._given += 1
        return self._given
