"""What the owner of a run asks the embedded AWS itself, by the secret of the run."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

if TYPE_CHECKING:
    from gateleg.local.state import State

_HOST: Final = "127.0.0.1"
_SECONDS: Final = 5.0
_START_SECONDS: Final = 60.0


class Control:
    """The owner's paths of one run.

    Args:
        state: The run.
    """

    def __init__(self, state: State) -> None:
        self._state = state

    def answers(self, directory: str, *, seconds: float = _SECONDS) -> bool:
        """Return whether the process of the state answers on its port, knows the secret and serves a state directory.

        Args:
            directory: The state directory.
            seconds: How long an answer may take.

        Raises:
            TimeoutError: Somebody listens there and says nothing.
        """
        try:
            said = self._ask("GET", "run", seconds=seconds)
        except (OSError, ValueError) as error:
            if isinstance(error, TimeoutError) or isinstance(getattr(error, "reason", None), TimeoutError):
                raise TimeoutError(*error.args) from error
            return False
        return bool(said) and (said["pid"], said["directory"]) == (self._state.pid, directory)

    def save(self) -> None:
        """Have everything kept on disk."""
        self._ask("POST", "save", seconds=_START_SECONDS)

    def start(self, function: str) -> dict[str, Any] | None:
        """Have a function's handler imported, and return what came of it: `None` if all is well.

        Args:
            function: Its physical name.
        """
        answer: dict[str, Any] | None = self._ask("POST", "start", seconds=_START_SECONDS, function=function, region=self._state.region)
        return answer

    def crashes(self, after: int) -> list[dict[str, Any]]:
        """Return the crashes of handlers since the one with a number, as `gateleg.local.server.crashes.Crash` has them."""
        found: list[dict[str, Any]] = self._ask("GET", "crashes", after=str(after))
        return found

    def _ask(self, method: str, what: str, *, seconds: float = _SECONDS, **parameters: str) -> Any:
        url = f"http://{_HOST}:{self._state.port}/_gateleg/{what}?{urlencode(parameters)}"
        request = urllib.request.Request(url, method=method, headers={"Authorization": f"Bearer {self._state.secret}"})
        # No proxy of the developer's environment stands between a program and loopback.
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=seconds) as answer:
            return json.load(answer)
