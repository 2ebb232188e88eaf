"""How often somebody signed in may ask for something: counted by the minute, in the cache."""

from __future__ import annotations

import logging
import time

from django.core.cache import cache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

SECONDS = 60


def within(what: str, who: object, most: int, *, cost: int = 1, uncounted: bool) -> bool:
    """Whether this person still may: counts `cost` more, and says whether that is at most `most` in this minute.

    `uncounted` is the answer while nobody can count.
    """
    # The minute is part of the key, so that one that is asked for without end still begins anew.
    key = f"rate-{what}-{who}-{int(time.time() // SECONDS)}"
    try:
        cache.add(key, 0, 2 * SECONDS)
        return int(cache.incr(key, cost)) <= most
    except ValueError:
        # It expired between the two calls, so this is the first of a new minute.
        return cost <= most
    except RedisError as error:
        log.warning("%s is not counted: %s", what, type(error).__name__)
        return uncounted
