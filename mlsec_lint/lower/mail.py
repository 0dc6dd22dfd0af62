"""Mail domains at which anybody may have an address: nobody's organisation."""

from __future__ import annotations

#: The largest free providers, 2026-11. Whoever writes from one is a person, no partner.
ANYBODY = (
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "icloud.com",
    "yahoo.com",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "163.com",
)
