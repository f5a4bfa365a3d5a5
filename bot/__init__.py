"""Vươn Lên: a citizen-outreach bot for poverty reduction in Hà Nội."""
