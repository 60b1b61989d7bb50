"""Calls to our address that do not come from the vendor: without the proof, with a wrong one, or empty."""

from collections.abc import Mapping
from dataclasses import replace

from connector.simulator.gateways import CallToUs

__all__ = ["forgeries"]


def forgeries(call: CallToUs) -> dict[str, CallToUs]:
    """Return this call without its proof and with wrong ones, each under a name for people."""
    return {
        "without a proof": _with(call, None),
        "with an empty proof": _with(call, ""),
        "with a wrong proof": _with(call, "0" * 32),
        "with a proof that is no ASCII": _with(call, "é" * 32),
        "with nothing at all": CallToUs(),
    }


def _with(call: CallToUs, proof: str | None) -> CallToUs:
    return replace(
        call, query=_changed(call.query, call.proof, proof), headers=_changed(call.headers, call.proof, proof)
    )


def _changed(values: Mapping[str, str], names: frozenset[str], proof: str | None) -> dict[str, str]:
    kept = {name: value for name, value in values.items() if name not in names}
    return kept if proof is None else kept | {name: proof for name in names if name in values}
