"""Insight over the store: the log in batches, counters and marks in many-row statements, and what pages read."""
