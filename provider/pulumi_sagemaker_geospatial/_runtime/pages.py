"""Reading a listing page by page, with an error for pages that cannot be those of one listing.

botocore's paginators take an XML page of something else for an empty listing, a truncated page without a token for the last
one, and never end where two tokens take turns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

Page = TypeVar("Page")
#: What selects a page in a request.
Parameters = dict[str, str]


def read_pages(fetch: Callable[[Parameters], Page], next_parameters: Callable[[Page], Parameters]) -> Iterator[Page]:
    """Yield the pages of a listing.

    :param fetch: Calls the service with the parameters that select a page; the first page has none.
    :param next_parameters: Returns the parameters for the page after this one, and none for the last one. Raises ValueError
        where the page is none of a listing.

    Raises:
        ValueError: the listing has no end, or ``next_parameters`` raised it.
    """
    parameters: Parameters = {}
    seen: list[Parameters] = []
    while True:
        page = fetch(parameters)
        following = next_parameters(page)
        if following in seen:
            raise ValueError("a page refers to one that was listed before")
        yield page
        if not following:
            return
        seen.append(following)
        parameters = following
