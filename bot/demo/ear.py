"""What a made-up person hears: the channel's messages are made as for the platform, and their choices remembered."""

from __future__ import annotations

from bot.channels.base import Payload
from bot.channels.pretend import Pretend
from bot.messages import Address, Choice, Outgoing


class Ear(Pretend):
    """`shown` are the choices of the last message that was made: what whoever it is for may pick from."""

    shown: tuple[Choice, ...] = ()

    def encode(self, to: Address, message: Outgoing) -> list[Payload]:
        """As the platform takes it."""
        self.shown = message.choices
        return super().encode(to, message)
