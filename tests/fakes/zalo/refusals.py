"""How Zalo refuses: with HTTP 200, its own number and its own words. Spelled as in its tables, mistakes included."""

from __future__ import annotations

OPENAPI: dict[int, str] = {
    -32: "Your application reached limit call api",
    -100: "attachment_id was expired",
    -200: "Send message failed",
    -201: "parameter is invalid!",
    -204: "Offical Account is disable",
    -205: "Offical Account is not exist",
    -209: "Not supported this api",
    -210: "Parameter exceeds allowable limit",
    -211: "Out of quota",
    -212: "App has not registed this api",
    -213: "User has not followed OA",
    -214: "Article is being processed",
    -216: "Access token is invalid",
    -217: "User has blocked invitation from OA",
    -218: "Out of quota receive",
    -219: "App is removed or disabled",
    -220: "access_token is expired or removed",
    -221: "OA needs to be verified",
    -223: "OA has not authorized this API",
    -224: "OA needs to upgrade OA Tier Package",
    -227: "User is banned or inactive > 45 days",
    -230: "User has not interacted with the OA in the past 7 days",
    -232: "User has not interacted with the OA, or the last interaction has expired",
    -233: "message type is invalid or not support",
    -234: "cannot be sent at night (10:00PM - 6:00AM)",
    -235: "API does not support this type of OA",
    -237: "group disabled",
    -240: "MessageV2 API has been shut down, please switch to MessageV3",
    -242: "Invalid appsecret_proof",
    -244: "User has restricted this message type",
    -248: "Violates our platform standards",
    -249: "Template does not support send via UID",
    -320: "Your app needs to connect with a Zalo Cloud Account",
    -321: "Zalo Cloud Account is out of money",
    -403: "OA is not in group",
}

BY_PHONE: dict[int, str] = {
    -32: "Your application reached limit call api",
    -100: "Unknown exception, please try again later",
    -108: "Phone number is invalid",
    -109: "Template id is invalid",
    -110: "Zalo version is not supported",
    -111: "Template data is empty",
    -112: "Template data is invalid",
    -1121: "Template data is too long",
    -1122: "Template data is missing a parameter",
    -1124: "Template data has the wrong format",
    -114: "User cannot receive the message",
    -115: "Out of quota or balance",
    -117: "OA has no permission to use this template",
    -118: "Zalo account is not existed",
    -119: "Account cannot receive the message",
    -120: "OA has no permission to use this feature",
    -121: "Body is invalid",
    -122: "Body is in wrong format",
    -124: "Access token is invalid",
    -127: "A test message can only be sent to an admin",
    -131: "Template is not approved",
    -132: "Parameter is invalid",
    -133: "Messages are not sent at night (from 22:00 to 6:00)",
    -135: "OA has no permission to send",
    -136: "OA is not connected to a Zalo Cloud Account",
    -139: "User has refused this type of message",
    -144: "OA has reached its daily limit",
    -146: "Template is disabled because of its quality",
    -147: "Template has reached its daily quota",
}
"""Numbers as Zalo's; the words are ours, since no table with its own was to be had."""


class Refusal(Exception):
    """An answer with `error` below 0. Without *words* those of its table; -201 names the field."""

    def __init__(self, code: int, words: str = "") -> None:
        super().__init__(f"{code} {words}")
        self.code, self.words = code, words


def invalid(field: str) -> Refusal:
    """The commonest refusal: "<field> is invalid!"."""
    return Refusal(-201, f"{field} is invalid!")
