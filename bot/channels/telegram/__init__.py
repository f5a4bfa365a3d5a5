"""Telegram: wire (updates in), encode and markup (messages out), send (hot calls), cold (everything else)."""
