"""SMS gateways, one module or package for each vendor. What each was built from stands in docs/gateways/."""
