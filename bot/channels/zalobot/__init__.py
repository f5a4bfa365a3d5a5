"""The Zalo Bot Platform: wire (updates in), encode (messages out), account (what sets it up), channel (all of it)."""
