"""Telegram: wire (updates in), encode and markup (messages out), send (calls), account (setting up)."""
