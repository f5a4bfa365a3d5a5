"""Learning: from sentences that people wrote to the model that the bot understands with."""
