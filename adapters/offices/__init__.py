"""Office-automation suites. ``soap`` and ``rest`` are configured by a mapping; see docs/mappings.md."""
