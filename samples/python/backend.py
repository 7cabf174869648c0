#!/usr/bin/env python3
"""A backend that knows nothing but HTTP, behind a route of the server: docs/answers-as-messages.md. Only the standard library.

    python3 backend.py 9000

    POST /chat/say     {"to": ["alice", "bob"], "text": "hi"}: the answer goes to their mailboxes
    GET  /chat/count   ?to=alice: three messages, one a second, each delivered as it is written
    GET  /chat/hello   an answer for the caller alone

CALLER_KEY is the server's Mailbox:Proxy:CallerKey: then it believes only the server who calls.
"""

import base64
import hashlib
import hmac
import http.server
import json
import os
import sys
import time
import urllib.parse


def unpadded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def caller(token, key, audience):
    """Who calls, as the server signs it (RFC 7519, HS256); None when nobody has shown it. ValueError: it is not the server's."""
    head, claims, signature = (token or "").split(".")
    good = hmac.new(base64.b64decode(key), f"{head}.{claims}".encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(good, unpadded(signature)):
        raise ValueError("signed by somebody else")
    claims = json.loads(unpadded(claims))
    if claims["exp"] < time.time() or claims["aud"] != audience:
        raise ValueError("of another time, or for another backend")
    return claims.get("sub")


class Backend(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps({"from": self.who, "text": said["text"]}).encode()
        self.answer(body, {"Mailbox-Deliver": ", ".join(said["to"]), "Mailbox-Type": "chat", "Content-Type": "application/json"})

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        if url.path == "/chat/count":
            to = urllib.parse.parse_qs(url.query)["to"][0]
            self.answer(b"", {"Mailbox-Deliver": to, "Mailbox-Split": "lines", "Content-Type": "application/x-ndjson"})
            for number in range(3):
                self.wfile.write(json.dumps({"number": number}).encode() + b"\n")
                time.sleep(1 if number < 2 else 0)
        else:
            self.answer(b"hello\n", {"Content-Type": "text/plain"})

    def answer(self, body, headers):
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def parse_request(self):
        if not super().parse_request():
            return False
        key = os.environ.get("CALLER_KEY")
        try:
            self.who = caller(self.headers["Mailbox-Caller"], key, self.server.address) if key else None
        except (ValueError, KeyError):
            self.send_error(403)
            return False
        return True


if __name__ == "__main__":
    port = int(sys.argv[1])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Backend)
    server.address = f"http://127.0.0.1:{port}"
    print(f"listening on {server.address}", flush=True)
    server.serve_forever()
