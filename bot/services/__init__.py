"""What the bot does: conversations are taken in, and what is owed is sent."""
