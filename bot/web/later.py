"""Pages that are loaded when somebody opens the first of them: until then they take no memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

from aiohttp import web
from aiohttp.web_urldispatcher import AbstractResource, AbstractRoute, PrefixedSubAppResource, UrlMappingMatchInfo
from yarl import URL


class Later(AbstractResource):
    """A sub-application at *prefix*, made by *make* in a thread when it is first asked for: nobody waits meanwhile.

    *make* gives an application without start-up of its own; its shutdown is ours (`close`).
    """

    def __init__(self, prefix: str, make: Callable[[], web.Application]) -> None:
        super().__init__()
        self._prefix, self._make = prefix, make
        self._making = asyncio.Lock()
        self._application: web.Application | None = None
        self._mounted: PrefixedSubAppResource | None = None

    @property
    def canonical(self) -> str:
        """The address under which it is found."""
        return self._prefix

    async def resolve(self, request: web.Request) -> tuple[UrlMappingMatchInfo | None, set[str]]:
        """As the sub-application resolves it."""
        async with self._making:
            if self._mounted is None:
                self._mounted = await asyncio.to_thread(self._mount)
        found, methods = await self._mounted.resolve(request)
        return found, set(methods)

    async def close(self, _app: web.Application) -> None:
        """Shut the sub-application down, if there is one."""
        if self._application is not None:
            await self._application.shutdown()

    def _mount(self) -> PrefixedSubAppResource:
        application = self._make()
        mounted = PrefixedSubAppResource(self._prefix, application)
        application.pre_freeze()
        application.freeze()
        self._application = application
        return mounted

    def url_for(self, **kwargs: str) -> URL:
        """Addresses are made by the pages themselves."""
        raise RuntimeError("pages of their own make their addresses")

    def add_prefix(self, prefix: str) -> None:
        """It stands where it was put."""
        raise RuntimeError("pages of their own make their addresses")

    def get_info(self) -> Any:
        """For those who look at the routes."""
        return {"prefix": self._prefix}

    def raw_match(self, path: str) -> bool:
        """Nothing else is served below the prefix."""
        return False

    def __len__(self) -> int:
        return 0

    def __iter__(self) -> Iterator[AbstractRoute]:
        return iter(())
