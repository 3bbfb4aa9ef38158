#!/usr/bin/env python3
"""Judges the journal of stream_reader.py: stream_judge.py JOURNAL SEALED, where SEALED has the id of each sealed event in the order of the seals. Prints what
is wrong, a line each; then how many events, batches and repeated batches there were, behind a #."""

import sys

order = [line.strip() for line in open(sys.argv[2], encoding="utf-8") if line.strip()]
batches, acknowledged, first, repeated = {}, set(), [], 0
seen, done = set(), set()
for number, line in enumerate(open(sys.argv[1], encoding="utf-8"), 1):
    # A reader that was killed may have left half a line.
    kind, _, rest = line.rstrip("\n").partition(" ")
    if not line.endswith("\n"):
        continue
    if kind == "A":
        done |= set(batches[rest])
        continue
    batch, *ids = rest.split(" ")
    if batch in batches:
        repeated += 1
        if batches[batch] != ids:
            print(f"line {number}: batch {batch} came again with other events")
    elif seen & set(ids):
        print(f"line {number}: batch {batch} has events of another batch")
    if done & set(ids):
        print(f"line {number}: batch {batch} has events that were acknowledged")
    batches[batch] = ids
    first += [event for event in ids if event not in seen]
    seen |= set(ids)
if first != order:
    missing, extra = set(order) - seen, seen - set(order)
    print(f"delivered and sealed differ: {len(missing)} missing, {len(extra)} extra, or another order")
print(f"# {len(first)} {len(batches)} {repeated}")
