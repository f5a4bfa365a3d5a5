"""Who keeps the tokens of Zalo's Official Account, and who gets them, as the settings say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.channels.zalo.account import ZaloAccount
from bot.channels.zalo.api import Tokens
from bot.channels.zalo.oauth import Oauth
from bot.config import Settings, web_secret
from bot.console.visit import PREFIX
from bot.services.zalo_consent import CALLBACK, ZaloConsent
from bot.services.zalo_standing import seal_of
from bot.services.zalo_tokens import Seed, ZaloTokens


def tokens_of(settings: Settings, database: AsyncEngine, now: Callable[[], datetime]) -> ZaloTokens | None:
    """The keeper of the tokens, not started; None where Zalo is off."""
    if not settings.zalo_app_id:
        return None
    seed = Seed(_shown(settings.zalo_access_token), _shown(settings.zalo_refresh_token))
    return ZaloTokens(
        database, _oauth(settings), seal_of(web_secret(settings)), now=now,
        seed=seed if seed.access or seed.refresh else None,
    )  # fmt: skip


def consent_of(
    settings: Settings, database: AsyncEngine, now: Callable[[], datetime], tokens: ZaloTokens | None
) -> ZaloConsent | None:
    """Where an admin consents; None where nobody keeps *tokens*."""
    if tokens is None:
        return None
    return ZaloConsent(
        database, _oauth(settings), web_secret(settings), now=now, oa_id=settings.zalo_oa_id,
        callback=f"{settings.public_url}{PREFIX}{CALLBACK}" if settings.public_url else "",
        verifier=_shown(settings.zalo_code_verifier), given=tokens.look,
    )  # fmt: skip


def account_of(settings: Settings, tokens: Tokens) -> ZaloAccount:
    """The Official Account, to be asked with *tokens*."""
    return ZaloAccount(
        tokens, api=settings.zalo_api, template_api=settings.zalo_template_api,
        proof_key=_shown(settings.zalo_app_secret) if settings.zalo_proof else "",
    )  # fmt: skip


def _oauth(settings: Settings) -> Oauth:
    return Oauth(settings.zalo_app_id, _shown(settings.zalo_app_secret), settings.zalo_oauth)


def _shown(secret: SecretStr | None) -> str:
    return secret.get_secret_value().strip() if secret is not None else ""
