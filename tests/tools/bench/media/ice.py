"""The client's side of ICE, for clients that are nothing but a socket: their checks, and answers to the server's."""

from __future__ import annotations

import socket

from aioice import stun as codec

from media.sfu import stun
from media.sfu.ice import IcePeer
from media.sfu.stun import IceCredentials
from media.sfu.udp_mux import UdpSocket

CLIENT = IceCredentials("abcd", "the client's password 0000")  # of a client that needs none of its own


def check(server: IceCredentials, client: IceCredentials = CLIENT, nominated: bool = True) -> bytes:
    """As a browser makes it (RFC 8445 7.2)."""
    attributes: dict[str, object] = {
        "USERNAME": f"{server.ufrag}:{client.ufrag}", "PRIORITY": stun.PRIORITY, "ICE-CONTROLLING": 1,
    }  # fmt: skip
    if nominated:
        attributes["USE-CANDIDATE"] = None
    request = codec.Message(codec.Method.BINDING, codec.Class.REQUEST, None, attributes)
    request.add_message_integrity(server.password.encode())
    return bytes(request)


def answer(data: bytes, client: IceCredentials = CLIENT) -> bytes:
    """To a check of the server's; empty when it is something else."""
    found = stun.verify(data, client) if stun.local_ufrag(data) == client.ufrag else None
    return b"" if found is None else stun.response(found, client, ("127.0.0.1", 9))


def settle(peer: IcePeer, udp_socket: UdpSocket, sock: socket.socket, client: IceCredentials = CLIENT) -> None:
    """Have this socket, which does not block and is bound, prove that it is the client's: at once, over loopback."""
    peer.set_remote_credentials(client.ufrag, client.password)
    addr = sock.getsockname()
    udp_socket.datagram_received(check(peer.credentials, client), addr)
    udp_socket.datagram_received(answer(sock.recv(2048), client), addr)
    sock.recv(2048)  # the answer to ours
    if peer.remote != addr:
        raise RuntimeError(f"{addr} was not believed")
