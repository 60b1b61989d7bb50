"""SMS gateways, one file for each vendor. What each was built from stands in docs/gateways.md."""
