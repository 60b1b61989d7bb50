"""How an office's receipts name things. No description of the format is public: the words are the operator's to set.

``ImportEntityNumber`` and ``ImportDate`` are columns in which one suite keeps what receipts bring; the others are
guesses.
"""

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["ReceiptWords"]


class ReceiptWords(BaseModel):
    """The names of elements or attributes in a receipt, the more certain first, and what its status says.

    Names are compared without regard to case and namespace, words also without regard to ye and kaf.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    number: tuple[str, ...] = Field(
        default=("ImportEntityNumber", "RegistrationNumber", "RegistrationNo", "RegisterNo", "LetterNo"),
        description="where the number stands that the secretariat gave",
    )
    date: tuple[str, ...] = Field(
        default=("ImportDate", "RegistrationDate", "RegisterDate", "LetterDateTime"),
        description="where the day of the registration stands",
    )
    status: tuple[str, ...] = Field(
        default=("Status", "Result", "State"), description="where the receipt's status stands"
    )
    reason: tuple[str, ...] = Field(
        default=("Reason", "Description", "Message"), description="where the reason of a refusal stands"
    )
    refused: tuple[str, ...] = Field(
        default=("refused", "rejected", "رد", "رد شد", "رد شده"),
        description="statuses that say: the letter is refused",
    )
    received: tuple[str, ...] = Field(
        default=("received", "accepted", "دریافت شد", "دریافت شده"),
        description="statuses that say: received, not yet registered",
    )
    relations: tuple[str, ...] = Field(
        default=("receipt", "رسید"),
        description="RelationType of a letter that is a receipt and no answer",
    )
