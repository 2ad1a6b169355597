"""A client and a server built on pyiso8583, which nobody here wrote: what `till` sends, it reads, and the other way round.

    pyiso8583_peer.py client HOST:PORT CARD_FILE    asks a `till host`: echo, sale, the same sale again, reversal
    pyiso8583_peer.py server                        listens, prints its port, and answers whatever comes until it is killed

Messages are ISO 8583:1987 in ASCII with a length of two bytes in front, as tests/peers/line87.till declares them.
"""

import copy
import socket
import struct
import sys

import iso8583
from iso8583.specs import default_ascii

SPEC = copy.deepcopy(default_ascii)

# Field 39 of a server's answer to each type of message.
APPROVED = "00"


def receive(line):
    """One message, or None at the end."""
    head = read(line, 2)
    if head is None:
        return None
    (length,) = struct.unpack(">H", head)
    body = read(line, length)
    if body is None:
        raise EOFError("the line ended within a message")
    decoded, _ = iso8583.decode(bytearray(body), spec=SPEC)
    return decoded


def read(line, count):
    data = b""
    while len(data) < count:
        piece = line.recv(count - len(data))
        if not piece:
            if data:
                raise EOFError("the line ended within a message")
            return None
        data += piece
    return data


def send(line, message):
    encoded, _ = iso8583.encode(message, spec=SPEC)
    line.sendall(struct.pack(">H", len(encoded)) + bytes(encoded))


def ask(line, message):
    send(line, message)
    reply = receive(line)
    if reply is None:
        raise EOFError("no reply")
    return reply


def expect(what, found, wanted):
    if found != wanted:
        raise SystemExit(f"{what}: {found!r} instead of {wanted!r}")


def card(path):
    """The number in a card file of the simulated world."""
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            key, _, value = line.partition("=")
            if key.strip() == "pan":
                return "".join(sign for sign in value if sign.isdigit())
    raise SystemExit(f"{path} holds no card")


def client(address, card_file):
    host, port = address.rsplit(":", 1)
    number = card(card_file)
    with socket.create_connection((host, int(port)), timeout=60) as line:
        echo = ask(line, {"t": "0800", "7": "0105090000", "11": "000001", "41": "10000007", "70": "301"})
        expect("echo", (echo["t"], echo["11"], echo["39"], echo["70"]), ("0810", "000001", "00", "301"))

        sale = {
            "t": "0200", "2": number, "3": "000000", "4": "000000001234", "11": "000002", "14": "3012", "22": "012",
            "25": "00", "41": "10000007", "42": "898310053110007", "49": "156",
        }
        reply = ask(line, dict(sale))
        expect("sale", (reply["t"], reply["4"], reply["11"], reply["39"]), ("0210", "000000001234", "000002", "00"))
        expect("authorisation code", len(reply["38"].strip()), 6)

        again = ask(line, dict(sale))
        expect("the same trace number again", again["39"], "94")

        reversal = {key: value for key, value in sale.items() if key not in ("14",)}
        reversal.update({"t": "0400", "39": "68"})
        reply = ask(line, reversal)
        expect("reversal", (reply["t"], reply["11"], reply["39"]), ("0410", "000002", "00"))

        unknown = ask(line, dict(sale, **{"11": "000003", "3": "990000"}))
        expect("an unknown processing code", unknown["39"], "40")
    print("pyiso8583 client: echo, sale, repetition, reversal, refusal: ok")


def server():
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        line, _ = listener.accept()
        with line:
            line.settimeout(60)
            try:
                while (request := receive(line)) is not None:
                    echoed = {key: request[key] for key in ("3", "4", "7", "11", "41", "42", "49", "70") if key in request}
                    reply = dict(echoed, t=f"{int(request['t']) + 10:04d}")
                    reply["39"] = APPROVED
                    if request["t"] == "0200":
                        reply["37"], reply["38"] = "010509000001", "123456"
                    print(f"{request['t']} {request.get('11', '')}", flush=True)
                    send(line, reply)
            except (EOFError, OSError, iso8583.DecodeError) as error:
                print(f"line ended: {error}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["client"] and len(sys.argv) == 4:
        client(sys.argv[2], sys.argv[3])
    elif sys.argv[1:] == ["server"]:
        server()
    else:
        raise SystemExit(__doc__)
