"""An office that takes letters by e-mail: ECE, the Iranian exchange of correspondence between suites."""

from adapters.offices.ece.kind import OFFICE

__all__ = ["OFFICE"]
