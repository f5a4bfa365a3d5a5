"""Broadcasts: drafted by one officer, released by another, sent to a segment when people may be written to."""
