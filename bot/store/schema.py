"""All tables: whoever walks over them (migrations, copies) takes `metadata` from here."""

from __future__ import annotations

import bot.store.account_models
import bot.store.console_models
import bot.store.inbox_models
import bot.store.insight_models
import bot.store.marker_models  # noqa: F401 -- their tables are in the metadata from then on
from bot.store.models import metadata

__all__ = ["metadata"]
