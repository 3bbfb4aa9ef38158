#!/usr/bin/env python3
"""A reader of a stream that may be killed at any moment: stream_reader.py STREAM LIMIT JOURNAL. It writes down what it is told before it acknowledges it:
"D batch id id …" for a batch, "A batch" when its acknowledgement was answered. Environment: PGBIN and the connection."""

import os
import subprocess
import sys
import time


def fetch(stream, limit, acknowledged):
    command = [os.environ["PGBIN"] + "/psql", "-XqAt", "-F", " ", "-v", "ON_ERROR_STOP=1", "-c"]
    sql = f"SELECT batch_id, string_agg(event_id::text, ' ' ORDER BY no) FROM fetch_audit_stream('{stream}', {limit}, {acknowledged}) WITH ORDINALITY AS f (batch_id, event_id, payload, no) GROUP BY 1"
    result = subprocess.run([*command, sql], text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return None if result.returncode else result.stdout.strip()


def main(stream, limit, journal):
    acknowledged = 0
    with open(journal, "a", encoding="utf-8") as log:
        while True:
            answer = fetch(stream, limit, acknowledged)
            if answer is not None and acknowledged:
                log.write(f"A {acknowledged}\n")
            acknowledged = 0
            if answer:
                log.write(f"D {answer}\n")
                acknowledged = int(answer.split(" ", 1)[0])
            log.flush()
            # Also where there is a batch: whoever kills us is to meet one that waits.
            time.sleep(0.1 if answer else 0.05)


main(*sys.argv[1:])
