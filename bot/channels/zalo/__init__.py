"""Zalo's Official Account: wire and signature (events in), encode (messages out), api (calls), oauth (tokens)."""
