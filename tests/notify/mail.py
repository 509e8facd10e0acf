"""A real SMTP server on loopback (aiosmtpd), with a user and a password."""

import asyncio
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

MAIL_USER, _PASSWORD = "guardian", "very-secret-path"


class _Controller(Controller):
    """On any free port."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class Mail:
    """`answer`: what it says to a message in place of taking it; `hang`: nothing, for a long time."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.answer: str | None = None
        self._controller = _Controller(
            self, hostname="127.0.0.1", port=0, authenticator=_authenticate, auth_require_tls=False, ready_timeout=30
        )
        self._open = True
        self._controller.start()

    @property
    def port(self) -> int:
        return int(self._controller.port)

    @property
    def url(self) -> str:
        return f"mailto://{MAIL_USER}:{_PASSWORD}@127.0.0.1:{self.port}?from=guardian@example.com&to=ann@example.com&mode=insecure"

    def close(self) -> None:
        if self._open:
            self._open = False
            self._controller.stop(no_assert=True)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd calls it
        if self.answer == "hang":
            await asyncio.sleep(30)
        if self.answer is not None:
            return self.answer
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 taken"

    @staticmethod
    def text(message: EmailMessage) -> str:
        body = message.get_body(("plain", "html"))
        assert body is not None
        return str(body.get_content())


def _authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: LoginPassword) -> AuthResult:
    good = isinstance(data, LoginPassword) and data.login == MAIL_USER.encode() and data.password == _PASSWORD.encode()
    return AuthResult(success=good, handled=good)
