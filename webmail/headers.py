"""Headers on every answer, beside the content security policy."""

from __future__ import annotations

from collections.abc import Callable

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from . import csp

HEADERS = {
    "X-DNS-Prefetch-Control": "off",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
        "microphone=(), midi=(), payment=(), usb=(), browsing-topics=()"
    ),
    "X-Robots-Tag": "noindex, nofollow",
    "Origin-Agent-Cluster": "?1",
    # Pages hold private mail: no cache, shared or own, keeps them.
    "Cache-Control": "no-store",
}


@sync_and_async_middleware
def headers_middleware(get_response: Callable[[HttpRequest], HttpResponseBase]):  # type: ignore[no-untyped-def]
    """Sets what the view has not set. Stands inside CSPMiddleware, which reads `_csp_config`."""

    def fill(request: HttpRequest, answer: HttpResponseBase) -> HttpResponseBase:
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        if request.path_info.startswith("/admin/"):
            answer._csp_config = csp.ADMIN  # type: ignore[attr-defined]
        return answer

    if iscoroutinefunction(get_response):

        async def middleware(request: HttpRequest) -> HttpResponseBase:
            return fill(request, await get_response(request))

    else:

        def middleware(request: HttpRequest) -> HttpResponseBase:  # type: ignore[misc]
            return fill(request, get_response(request))

    return middleware
