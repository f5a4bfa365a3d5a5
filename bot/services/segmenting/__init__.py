"""Segments as officers work with them: kept under names, told in words, written with menus."""
