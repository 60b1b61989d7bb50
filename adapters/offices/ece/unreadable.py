"""Why a mail is set aside: a closed word each, and what each means for people."""

from typing import Final

__all__ = ["REASONS", "Unreadable"]

REASONS: Final[dict[str, str]] = {
    "too_large": "It is larger than what is read (largest_answer_mb).",
    "too_many_parts": "It has more parts, or a longer header, than any real mail.",
    "foreign_sender": "It does not come from an address of this secretariat (office_mailbox, answers_from).",
    "no_letter_in_it": "No XML file is in it; what lies in archives is not opened.",
    "two_letters": "It holds more than one letter; which one counts is a question for a person.",
    "not_xml": "The file in it is not well-formed XML.",
    "wrong_encoding": "The file in it is damaged: its letters cannot be told from its bytes.",
    "declares_entities": "The file in it declares things of its own in its DOCTYPE, as an XML bomb does.",
    "too_deep": "The file in it is nested deeper than any letter.",
    "too_many_elements": "The file in it has more elements than any letter.",
    "not_a_letter": "The file in it is XML, but neither a letter nor a receipt.",
    "names_no_letter_of_ours": "Nothing in it says which of our letters it is about.",
    "names_several_letters": "It is a receipt that names several of our letters.",
    "unclear_receipt": "It is a receipt whose number is none, or that gives a number and refuses.",
    "a_copy": "It is a copy of a letter to somebody else, not an answer.",
    "duplicate": "The same was told before.",
    "second_number": "The letter has another number already.",
    "second_answer": "The letter has another answer already.",
    "contradicts": "It refuses a letter that has a number, or refuses it once more in other words.",
    "report_of_no_letter": "It is a mail server's report about something that is not a letter of ours.",
}


class Unreadable(Exception):
    """A mail that says nothing that a machine may act on. It is set aside, and a person told why."""

    def __init__(self, reason: str) -> None:
        """Keep the word; it is one of REASONS."""
        if reason not in REASONS:
            raise KeyError(reason)
        super().__init__(reason)
        self.reason = reason
