"""What a browser behind the operator's proxy does: cookies, the CSRF token, one websocket."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import uuid4

import httpx
from websockets.sync.client import ClientConnection, connect

from accounts.login import Login

from .production import Production


class Browser:
    """One browser, of nobody yet."""

    def __init__(self, site: Production) -> None:
        self._port = site.port
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{site.port}", timeout=30,
            headers={"Host": "localhost", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7",
                     "Origin": "https://localhost", "Referer": "https://localhost/"},
        )  # fmt: skip
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, where: str, **more: Any) -> httpx.Response:
        # By hand: the cookies are Secure, and the way from the proxy to the site is plain.
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        answer = self.http.request(method, where, headers=headers | more.pop("headers", {}), **more)
        for cookie in answer.headers.get_list("set-cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            assert name.startswith("__Host-") and "Secure" in cookie, cookie
            self.cookies[name] = value
            if "Max-Age=0" in cookie:
                del self.cookies[name]
        return answer

    def token(self, where: str) -> str:
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.ask("GET", where).text)
        assert found
        return found[1]

    def sign_in(self, login: Login) -> httpx.Response:
        form = {"csrfmiddlewaretoken": self.token("/sign-in/"), "address": login.user, "password": login.password}
        return self.ask("POST", "/sign-in/", data=form)

    def send(self, sender: str, to: str, message_id: str, data: bytes, token: str, key: str = "") -> httpx.Response:
        """What the composer posts; the same `key` again is the same letter."""
        meta = {
            "from": sender, "deliveries": [{"recipients": [to], "part": "bytes-0"}], "copy": "bytes-0",
            "protection": "clear", "answered": None, "message_id": message_id,
        }  # fmt: skip
        form = {"key": key or str(uuid4()), "meta": json.dumps(meta)}
        files = {"bytes-0": ("bytes-0", data, "message/rfc822")}
        return self.ask(
            "POST", "/send/", data=form, files=files, headers={"X-CSRFToken": token, "X-Requested-With": "fetch"}
        )

    def listen(self) -> ClientConnection:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        return connect(
            f"ws://localhost:{self._port}/ws/mail/",
            origin="https://localhost",
            additional_headers=headers,  # type: ignore[arg-type]
        )
