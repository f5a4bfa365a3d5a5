"""The database: tables, the door to it, and one module of plain functions per noun."""
