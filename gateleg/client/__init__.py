"""What clients send and what they are told, over HTTP and over WebSockets: the only place that makes what a client reads of an error.

For handlers that an app registers for errors itself: they answer as the library does, or know what it would have said.
"""

from gateleg.client.statuses import Answer, answer_to, content_of

__all__ = ["Answer", "answer_to", "content_of"]
