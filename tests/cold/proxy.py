#!/usr/bin/env python3
"""A store that behaves badly: proxy.py PORT STORE BEHAVIOUR [METHOD [AFTER]]. It passes requests on to the store at the port STORE, but for those of METHOD (or
any), after the first AFTER of them:

refuse      answers 403
storm       answers 503, every second time
outage      answers 503
full        answers 507, and stores nothing
silent      takes the request and never answers; says in its log that somebody waits
halt        ends this process, as if the cable were cut: the client sees the connection closed in the middle
truncate    gives only the first half of what the store answers
flip        changes one bit in the middle of it
"""

import http.client
import http.server
import os
import sys
import threading
import time

PORT, STORE, BEHAVIOUR = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
METHOD = sys.argv[4] if len(sys.argv) > 4 else "any"
AFTER = int(sys.argv[5]) if len(sys.argv) > 5 else 0
STATUS = {"refuse": (403, "AccessDenied"), "storm": (503, "SlowDown"), "outage": (503, "ServiceUnavailable"), "full": (507, "InsufficientStorage")}
turn, seen = threading.Lock(), 0


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def body(self):
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def counted(self):
        """How many such requests there were before; None where it is not one of them."""
        global seen
        if METHOD not in ("any", self.command):
            return None
        with turn:
            seen += 1
            return seen - 1

    def answer(self, status, headers, body):
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in ("transfer-encoding", "connection", "content-length", "date", "server"):
                self.send_header(name, value)
        self.send_header("Content-Length", self.length if self.command == "HEAD" else str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def misbehaves(self, number):
        return number is not None and number >= AFTER and (BEHAVIOUR != "storm" or number % 2 == 0)

    def any(self):
        sent, bad = self.body(), self.misbehaves(self.counted())
        self.length = "0"
        if bad and BEHAVIOUR in STATUS:
            status, code = STATUS[BEHAVIOUR]
            return self.answer(status, [("Content-Type", "application/xml")], f"<Error><Code>{code}</Code></Error>".encode())
        if bad and BEHAVIOUR == "silent":
            self.log_message("waits", "waits")
            time.sleep(3600)
        if bad and BEHAVIOUR == "halt":
            os._exit(0)
        store = http.client.HTTPConnection("127.0.0.1", STORE, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("transfer-encoding", "connection", "content-length")}
        store.request(self.command, self.path, body=sent, headers=headers)
        got = store.getresponse()
        body, self.length = got.read(), got.getheader("Content-Length", "0")
        if bad and BEHAVIOUR == "truncate":
            body = body[: len(body) // 2]
        if bad and BEHAVIOUR == "flip" and body:
            body = bytearray(body)
            body[len(body) // 2] ^= 1
        self.answer(got.status, got.getheaders(), bytes(body))

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = any

    def log_message(self, form, *values):
        print(BEHAVIOUR, self.command, self.path, *values, flush=True)


http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
