"""Checks what the evidence crate writes with other people's packages, and its vectors with a second implementation: check.py FILES VECTORS."""
import base64
import hashlib
import hmac
import json
import os
import sys
import uuid

import pymerkle
import rfc8785
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS
from sd_jwt.verifier import SDJWTVerifier

FILES, VECTORS = sys.argv[1], json.load(open(sys.argv[2], encoding="utf-8"))
KEPT, PAYLOAD = VECTORS["kept"], VECTORS["payload"]


def b64u(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()[:16]


def disclosure(key, name, value):
    text = json.dumps([b64u(mac(key, name)), name, value], separators=(",", ":"), ensure_ascii=False)
    return b64u(text.encode())


def digest(text):
    return b64u(hashlib.sha256(text.encode()).digest())


def leaf(columns, key):
    kept_key = mac(key, "kept")
    kept = [disclosure(kept_key, name, columns[name]) for name in KEPT if name in columns]
    inner = [disclosure(key, name, columns[name]) for name in PAYLOAD if name in columns]
    payload = disclosure(key, "payload", {"_sd": sorted(map(digest, inner))})
    digests = sorted(map(digest, kept + [payload]))
    entry = json.dumps({"_sd": digests, "_sd_alg": "sha-256", "v": 1}, separators=(",", ":"))
    erased = kept_key + hashlib.sha256(payload.encode()).digest()
    return entry, hashlib.sha256(b"\0" + entry.encode()).hexdigest(), erased.hex()


def check_vectors():
    for event in VECTORS["events"]:
        entry, leaf_hash, erased = leaf(event["columns"], bytes.fromhex(event["seal_key"]))
        assert (entry, leaf_hash) == (event["entry"], event["leaf_hash"]), event["name"]
        assert erased == event["erased"]["seal_key"], event["name"]
    for entry in VECTORS["deletion_entries"] + [VECTORS["deletion_entry"]]:
        text = rfc8785.dumps(json.loads(entry["canonical"])).decode()
        assert text == entry["canonical"]
        content = hashlib.sha256(text.encode()).digest()
        assert str(uuid8(content)) == entry["id"]
        assert entry.get("resource_type", "audit_deletion_log/" + content.hex()) == "audit_deletion_log/" + content.hex()
    listed = VECTORS["deletion_list"]
    parts = b"".join(
        uuid.UUID(event["id"]).bytes + bytes.fromhex(event["leaf"] or "00" * 32) for event in listed["events"]
    )
    assert parts.hex() == "".join(listed["parts"])
    assert hashlib.sha256(parts).hexdigest() == listed["event_ids_sha256"]
    first = VECTORS["events"][0]
    one = uuid.UUID(first["columns"]["id"]).bytes + bytes.fromhex(first["leaf_hash"])
    assert json.loads(VECTORS["deletion_entry"]["canonical"])["event_ids_sha256"] == hashlib.sha256(one).hexdigest()


def uuid8(content):
    half = bytearray(content[:16])
    half[6], half[8] = half[6] & 0x0F | 0x80, half[8] & 0x3F | 0x80
    return uuid.UUID(bytes=bytes(half))


def verified(entry, disclosures):
    """What the IETF's verifier reads out of an entry that it takes for an issuer's."""
    key = JWK.generate(kty="EC", crv="P-256")
    token = JWS(entry.encode())
    token.add_signature(key, alg="ES256", protected=json.dumps({"alg": "ES256", "typ": "example+sd-jwt"}))
    text = "~".join([token.serialize(compact=True), *disclosures, ""])
    return SDJWTVerifier(text, lambda issuer, header: key).get_verified_payload()


def check_sd_jwt():
    for event in VECTORS["events"]:
        shown = event["disclosures"]
        payload = verified(event["entry"], shown["kept"] + [shown["payload"]] + shown["in_payload"])
        seen = {name: payload[name] for name in KEPT if name in payload} | payload["payload"]
        assert seen == event["columns"], event["name"]
        erased = verified(event["entry"], event["erased"]["disclosures"])
        assert "payload" not in erased and erased["id"] == event["columns"]["id"]
    for name, columns in [("live", None), ("partial", 4), ("none", 2), ("erased", 7)]:
        receipt = json.load(open(os.path.join(FILES, "receipts", name + ".json"), encoding="utf-8"))
        payload = verified(receipt["entry"], receipt["disclosures"])
        seen = {field: value for field, value in payload.items() if field in KEPT} | payload.get("payload", {})
        assert seen["id"] == receipt["event_id"] and seen["workspace_id"] == receipt["workspace_id"]
        assert columns is None or len(seen) == columns, (name, seen)


def check_pymerkle():
    proofs = json.load(open(os.path.join(FILES, "proofs.json"), encoding="utf-8"))
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for entry in proofs["entries"]:
        tree.append_entry(entry.encode())
    size, root = proofs["size"], base64.b64decode(proofs["root"])
    assert tree.get_root(size) == root
    for one in proofs["inclusion"]:
        # Their path begins with the leaf itself.
        theirs = tree.prove_inclusion(one["index"] + 1, size)
        pymerkle.verify_inclusion(tree.get_leaf(one["index"] + 1), root, theirs)
        assert [bytes.fromhex(node) for node in theirs.serialize()["path"]][1:] == [base64.b64decode(node) for node in one["path"]]
    for one in proofs["consistency"]:
        old_root, old = base64.b64decode(one["root"]), one["old"]
        assert tree.get_root(old) == old_root
        # Their path is cut in another way than that of RFC 6962; it must lead from our old root to our new one. Our own is checked by Go.
        pymerkle.verify_consistency(old_root, root, tree.prove_consistency(old, size))


check_vectors()
check_sd_jwt()
check_pymerkle()
