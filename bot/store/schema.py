"""All tables: whoever walks over them (migrations, copies) takes `metadata` from here."""

from __future__ import annotations

import bot.store.console_models  # noqa: F401 -- its tables are in the metadata from then on
from bot.store.models import metadata

__all__ = ["metadata"]
