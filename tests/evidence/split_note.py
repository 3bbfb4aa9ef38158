"""Takes a signed note apart for openssl: split_note.py NOTE VKEY FOLDER [NAME] writes body, signature and key.der.

split_note.py --forge REQUEST STATE prints a request that continues the signed state with another root.
"""
import base64
import hashlib
import sys


def split(note, vkey, folder, name=None):
    text = open(note, encoding="utf-8").read()
    body, _, lines = text.rpartition("\n\n")
    key_name, _, rest = vkey.partition("+")
    key = base64.b64decode(rest.partition("+")[2])
    name = name or key_name
    key_id = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    for line in lines.splitlines():
        _, line_name, blob = line.split(" ")
        blob = base64.b64decode(blob)
        if (line_name, blob[:4]) == (name, key_id):
            open(f"{folder}/signature", "wb").write(blob[4:])
            break
    else:
        sys.exit(f"no signature of {name}")
    open(f"{folder}/body", "wb").write((body + "\n").encode())
    # The DER of an Ed25519 public key: a fixed beginning and the key.
    open(f"{folder}/key.der", "wb").write(bytes.fromhex("302a300506032b6570032100") + key[1:])


def forge(request, state):
    origin, size, _ = open(state, encoding="utf-8").read().splitlines()[:3]
    root = base64.b64encode(hashlib.sha256(b"another history").digest()).decode()
    sys.stdout.write(f"old {size}\n\n{origin}\n{size}\n{root}\n")


if sys.argv[1] == "--forge":
    forge(*sys.argv[2:])
else:
    split(*sys.argv[1:])
