"""What is picked from answers, in a mapping: the registration, referrals, the answer, and how letters stand."""

from enum import StrEnum

from pydantic import Field

from connector.mapping.schema_parts import Closed, Expression

__all__ = ["AnswerPicks", "Progressing", "ReferralPicks", "RegistrationPicks"]


class RegistrationPicks(Closed):
    """Where the registration stands in the answer."""

    number: Expression
    year: Expression | None = None
    date: Expression | None = None
    office_reference: Expression | None = Field(
        default=None, description="the office's own handle to the letter"
    )


class Progressing(StrEnum):
    """What a status code of the office says about a letter."""

    ACCEPTED = "accepted"
    REGISTERED = "registered"
    REFERRED = "referred"
    ANSWERED = "answered"
    CLOSED = "closed"
    RETURNED = "returned"
    REFUSED = "refused"


class ReferralPicks(Closed):
    """Where the referrals of one letter stand; in the picks the referral is called ``item``."""

    each: Expression
    reference: Expression | None = Field(
        default=None, description="without it the position in the chain is taken"
    )
    unit: Expression
    date: Expression | None = None
    is_confidential: Expression | None = Field(default=None, description="true keeps it from the citizen")


class AnswerPicks(Closed):
    """Where the answer to one letter stands."""

    text: Expression
    number: Expression | None = None
    date: Expression | None = None
