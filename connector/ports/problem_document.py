"""A problem of a submission as plain JSON values: the same keys in every answer to a portal."""

from connector.errors import FieldProblem

__all__ = ["problem_document"]


def problem_document(problem: FieldProblem) -> dict[str, str]:
    """Return what the portal is told about one field."""
    return {
        "field": problem.field,
        "code": problem.code,
        "fa": problem.sentence_fa,
        "en": problem.sentence_en,
    }
