"""The broadcast side of the courier: chunks are claimed, sent at the account's pace, and their fate recorded."""
