"""What clients send and what they are told, over HTTP and over WebSockets: the only place that makes what a client reads of an error."""
