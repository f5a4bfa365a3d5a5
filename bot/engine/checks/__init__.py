"""The linter: pure functions over a loaded library (`table.check_library`), and the drawing of a dialog."""
