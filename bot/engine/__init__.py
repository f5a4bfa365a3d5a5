"""The pure engine: a dialog, a session and what a person sent, to a new session and events."""
