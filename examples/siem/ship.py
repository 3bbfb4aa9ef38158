#!/usr/bin/env python3
"""Ships a stream to an HTTP sink: ship.py STREAM URL [--once]. It needs Python and psql; the connection comes from PGHOST, PGDATABASE and so on.

A batch is acknowledged when the sink has answered 2xx, with the next fetch. Killed at any moment, it goes on with the batch that waits: events are
shipped at least once, and the sink drops doubles by their id. A sink that says 2xx must have stored what it got.
"""

import subprocess
import sys
import time
import urllib.error
import urllib.request

FETCH = "SELECT batch_id, payload FROM fetch_audit_stream(:'stream', 1000, :'acknowledged'::bigint)"


def fetch(stream, acknowledged):
    """The number of the batch, and its payloads; nothing new: None."""
    command = ["psql", "-XqAt", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-v", f"stream={stream}", "-v", f"acknowledged={acknowledged}"]
    rows = subprocess.run(command, input=FETCH, check=True, text=True, stdout=subprocess.PIPE).stdout.split("\n")
    rows = [row.split("\t", 1) for row in rows if row]
    return (int(rows[0][0]), [payload for _, payload in rows]) if rows else (None, [])


def post(url, payloads):
    body = "".join(payload + "\n" for payload in payloads).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/x-ndjson"}, method="POST")
    with urllib.request.urlopen(request, timeout=60):
        pass  # anything but 2xx raises


def main(stream, url, once=None):
    acknowledged = 0  # no batch yet: the one that waits, if there is one, comes again
    while True:
        try:
            batch, payloads = fetch(stream, acknowledged)
            if batch is None:
                acknowledged = 0
                if once:
                    return
                time.sleep(1)
                continue
            post(url, payloads)
            acknowledged = batch
        except (subprocess.CalledProcessError, urllib.error.URLError, OSError) as problem:
            print(f"ship.py: {problem}; again in a moment", file=sys.stderr)
            acknowledged = 0
            time.sleep(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
