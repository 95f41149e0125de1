"""What Lambda tells a handler beside the event."""

from __future__ import annotations


class Context:
    """A Lambda context, as far as it is asked."""

    function_name, function_version, memory_limit_in_mb, aws_request_id = "chat", "$LATEST", 256, "7c1d"
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:chat"

    def __init__(self, milliseconds: int) -> None:
        self._left = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self._left
