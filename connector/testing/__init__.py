"""For tests and for authors of adapters: builders and a held clock. The daemon never imports it."""
