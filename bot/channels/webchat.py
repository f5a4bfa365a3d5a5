"""The web chat as a channel: messages become small JSON bodies, and sending one rings the open pages of its address.

Nothing is handed over in `send` but a wake-up: pages read what is owed from the ledger, so a closed page loses nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from html import escape

import msgspec
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from msgspec import UNSET, UnsetType

from bot.channels.base import Capabilities, Payload, Rejected
from bot.messages import Address, Media, Outgoing

NAME = "webchat"
MEDIA_AT = "/media/"
"""Where pictures and files are, on our own site: `Media.ref` stands behind it."""
LINK_SCHEMES = ("https://", "http://", "tel:", "mailto:")


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing said in a conversation, as the ledger holds it.

    `mine` is the person's: `text` holds their words (the label of a tapped choice), empty for what nobody said aloud.
    Ours carries in `payload` the body that `WebChat.encode` made. `id` is unique among the address's turns of its side.
    """

    id: int
    mine: bool
    text: str
    payload: bytes | None
    at: datetime

    @property
    def key(self) -> str:
        """Unique in the conversation: the two sides may be numbered by different tables."""
        return f"{'m' if self.mine else 'b'}{self.id}"


class Button(msgspec.Struct, frozen=True):
    """A choice as the page shows it."""

    id: str
    label: str


class Said(msgspec.Struct, frozen=True):
    """The body of a payload: `html` is safe to show, `text` the Markdown that it was made from, `media` what is shown
    above it."""

    to: str
    text: str
    html: str
    choices: tuple[Button, ...] = ()
    media: Media | UnsetType = UNSET


def said_in(body: bytes) -> Said:
    """What *body* says. ValueError: `encode` did not make it."""
    return msgspec.json.decode(body, type=Said)


class Bell:
    """One open page, waiting to hear that there may be something new."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self.is_closed = False

    def ring(self) -> None:
        self._rung.set()

    def close(self) -> None:
        self.is_closed = True
        self._rung.set()

    async def wait(self, most: timedelta) -> bool:
        """Wait for a ring since the last wait; False when *most* went by without one."""
        try:
            async with asyncio.timeout(most.total_seconds()):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True


class Hub:
    """The open pages of this process, by address id."""

    def __init__(self, *, most: int = 4000, most_each: int = 5) -> None:
        self._bells: dict[str, list[Bell]] = {}
        self._most = most
        self._most_each = most_each
        self._is_closed = False
        self.pages = 0

    def has_room(self, address_id: str) -> bool:
        """Whether one more page may stay open; one that may not asks from time to time instead."""
        if self._is_closed or self.pages >= self._most:
            return False
        return len(self._bells.get(address_id, ())) < self._most_each

    @contextmanager
    def listen(self, address_id: str) -> Iterator[Bell]:
        """A bell for as long as a page is open."""
        bell = Bell()
        self._bells.setdefault(address_id, []).append(bell)
        self.pages += 1
        try:
            yield bell
        finally:
            self.pages -= 1
            self._bells[address_id].remove(bell)
            if not self._bells[address_id]:
                del self._bells[address_id]

    def ring(self, address_id: str) -> None:
        for bell in self._bells.get(address_id, ()):
            bell.ring()

    def close(self) -> None:
        """End every open page, and let none stay open any more."""
        self._is_closed = True
        for bells in self._bells.values():
            for bell in bells:
                bell.close()


class WebChat:
    """The channel of the web page. It can't fail to send: the ledger is where pages read."""

    name = NAME
    capabilities = Capabilities(edits=False, buttons=True, max_text=20_000, rate=1000.0, chat_gap=timedelta(0))

    def __init__(self, hub: Hub | None = None) -> None:
        self.hub = hub or Hub()

    def encode(self, to: Address, message: Outgoing) -> list[Payload]:
        buttons = tuple(Button(choice.id, choice.label) for choice in message.choices)
        html, media = html_from(message.text), message.media
        said = Said(to.id, message.text, html_of(media) + html if media else html, buttons, media or UNSET)
        return [Payload("say", msgspec.json.encode(said))]

    async def send(self, payload: Payload) -> str:
        """Wake the pages of the address. A page has no message ids of its own: the delivery's is shown."""
        try:
            said = said_in(payload.body)
        except ValueError as exc:
            raise Rejected(str(exc)) from exc
        self.hub.ring(said.to)
        return ""

    def closing(self, to: Address, message_id: str) -> Payload | None:
        """None: the page itself switches off the choices of what was answered."""
        return None

    async def start(self) -> None:
        """Nothing to get ready."""

    async def close(self) -> None:
        self.hub.close()

    def health(self) -> Mapping[str, object]:
        return {"ok": True, "pages": self.hub.pages}


@lru_cache(maxsize=1024)  # what is said is said to many
def html_from(text: str) -> str:
    """Safe HTML of our small Markdown: paragraphs, bold, lists, links. Markup written into it shows as text."""
    return str(_markdown.render(text)).strip()


def html_of(media: Media) -> str:
    """Safe HTML of a picture or a file. Its sides are told, so that nothing jumps when it comes at last."""
    address, says = escape(MEDIA_AT + media.ref), escape(media.says)
    if media.kind == "file":
        return f'<p class="file"><a href="{address}" download>{says}</a></p>'
    sides = f'width="{media.width}" height="{media.height}" ' if media.width else ""
    picture = f'<img src="{address}" alt="{says}" {sides}loading="lazy">'
    return f'<a class="picture" href="{address}" target="_blank" rel="noopener">{picture}</a>'


class _Html(RendererHTML):
    """Links leave the chat open behind them and tell the other site nothing."""

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        token.attrSet("rel", "noopener noreferrer")
        if str(token.attrGet("href")).startswith("http"):
            token.attrSet("target", "_blank")
        return self.renderToken(tokens, idx, options, env)


def _markdown_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}, renderer_cls=_Html)
    parser.disable(["image", "heading", "lheading", "hr", "code", "fence", "blockquote", "reference"])
    parser.validateLink = lambda url: url.strip().lower().startswith(LINK_SCHEMES)  # type: ignore[method-assign]
    return parser


_markdown = _markdown_parser()
