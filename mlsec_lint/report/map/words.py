"""Words about a picture that several formats share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.report.wording import count

if TYPE_CHECKING:
    from mlsec_lint.picture import Picture

#: Keys of `picture.STATES`, for people.
STATE_WORDS = {
    "open": "certain",
    "possible": "possible",
    "accepted": "accepted",
    "allowed": "not forbidden",
}


def headline(picture: Picture) -> str:
    """`4 ways out of 2 stores that hold weights (3 certain, 1 possible)`."""
    total = len(picture.walks) + picture.left_out
    stores = len({walk.store for walk in picture.walks})
    held = stores + len(picture.quiet)
    if not total:
        return f"no way out found of {count(held, 'store')} with weights"
    listed = ", ".join(
        f"{number:,} {words}"
        for state, words in STATE_WORDS.items()
        if (number := picture.count(state))
    )
    if picture.left_out:
        listed += f", {picture.left_out:,} left out"
    ways = f"{total:,} way{'' if total == 1 else 's'} out"
    return f"{ways} of {count(stores, 'store')} with weights ({listed})"
