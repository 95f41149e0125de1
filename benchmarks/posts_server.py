"""An `@connections` over TLS on loopback that takes every message: it reads as little as it may, so that what is measured is who sends.

python -m benchmarks.posts_server FOLDER    # makes FOLDER/cert.pem, and prints the port
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 0\r\nx-amzn-requestid: 0a1b2c3d\r\n\r\n"


class Taking(asyncio.Protocol):
    """One connection, kept open."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note where to answer."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 (what create_server makes)
        self._transport = transport
        self._octets = b""

    def data_received(self, data: bytes) -> None:
        """Answer each request that is there whole."""
        self._octets += data
        while (end := self._octets.find(b"\r\n\r\n")) >= 0:
            head = self._octets[:end].lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
            if len(self._octets) < end + 4 + length:
                return
            self._octets = self._octets[end + 4 + length :]
            self._transport.write(ANSWER)


def certified(folder: Path) -> ssl.SSLContext:
    """What the server encrypts with; clients find the certificate in the folder."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    built = built.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    built = built.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    built = built.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    (folder / "cert.pem").write_bytes(built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(private)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


async def serve(folder: Path) -> None:
    """Serve until the process ends."""
    server = await asyncio.get_running_loop().create_server(Taking, "127.0.0.1", 0, ssl=certified(folder), backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
