"""The tests; a package, so that spec tables and helpers are imported by name."""
