"""Insight: what happened between people and the bot, counted from the log as it grows and read without reading it."""
