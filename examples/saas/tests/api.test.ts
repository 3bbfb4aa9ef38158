import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { toAuditError } from "@audit-ext/client";
import { Hono } from "hono";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { LEVELS } from "../server/auth.ts";
import { answerError } from "../server/http.ts";
import { cell } from "../server/routes/events.ts";
import { ACME, ADA, BEN, owner, startApi, server, SUBJECT, token, until } from "./support.ts";

const sql = owner();
const api = await startApi();
const ALL = { audit: [...LEVELS] };
const ada = await token(ADA, ALL);
const ben = await token(BEN, ALL);
const writer = await token(SUBJECT, { audit: ["writer"] });
const EVENT = { actionType: "TEST_EVENT", resourceType: "workspace", resourceId: ACME, workspaceId: ACME };
const count = async () => Number((await sql("SELECT count(*) FROM audit_events"))[0].count);

/** The guide's curl: its URL, and its body with UUIDs in the place of its placeholders. */
function curl(which: string) {
  const guide = readFileSync(process.env.GUIDE!, "utf8");
  const [, path, body] = guide.slice(guide.indexOf(`### ${which}`)).match(/curl -X POST http:\/\/localhost:3000(\S+)[^]*?-d '([^]*?)'/)!;
  return { path: path!, literal: body!, body: body!.replaceAll("ws-123", ACME).replaceAll("user-123", SUBJECT) };
}

test("the guide's test 1 records an event and answers 201 with its id", async () => {
  const { path, body } = curl("Test 1");
  const { status, body: answer } = await api.ask("POST", path, writer, body);
  assert.equal(status, 201);
  const [event] = await sql("SELECT action_type, workspace_id, created_by_user_id FROM audit_events WHERE id = $1", [answer.id]);
  assert.deepEqual(event, { action_type: "TEST_EVENT", workspace_id: ACME, created_by_user_id: SUBJECT });
});

test("the guide's test 2 gets 400 that names the check, with an empty action and without one", async () => {
  const { path, body } = curl("Test 2");
  for (const sent of [body, JSON.stringify({ ...JSON.parse(body), actionType: undefined })]) {
    const { status, body: answer } = await api.ask("POST", path, writer, sent);
    assert.equal(status, 400);
    assert.equal(answer.error, "constraint_violation");
    assert.equal(answer.constraint, "check_action_type_not_empty");
    assert.ok(answer.hint);
  }
});

test("what is no UUID is a bad request", async () => {
  const { path, literal } = curl("Test 1");
  const { status, body } = await api.ask("POST", path, writer, literal);
  assert.equal(status, 400);
  assert.equal(body.error, "bad_request");
});

test("without a token: 401 by default, recorded with --dev, refused with --dev from another site", async () => {
  const { path, body } = curl("Test 1");
  const refused = await api.ask("POST", path, undefined, body);
  assert.equal(refused.status, 401);
  assert.equal(refused.headers.get("www-authenticate"), "Bearer");
  const open = await startApi({}, "--dev");
  assert.equal((await open.ask("POST", path, undefined, body)).status, 201);
  assert.equal((await open.ask("POST", path, undefined, body, { "sec-fetch-site": "cross-site" })).status, 401);
  assert.equal((await open.ask("GET", `/api/audit/trail?workspaceId=${ACME}`)).status, 403);
  await assert.rejects(startApi({ NODE_ENV: "production" }, "--dev"));
});

test("with --dev a request that calls the server by another name is refused: it may be another site's", async () => {
  const open = await startApi({}, "--dev");
  const { port } = new URL(open.url);
  const statusFor = (host: string) =>
    new Promise((resolve, reject) => {
      const asked = request(`${open.url}/api/audit/log`, { method: "POST", headers: { host } }, (answer) => resolve(answer.resume().statusCode));
      asked.on("error", reject).end(JSON.stringify(EVENT));
    });
  for (const host of [`127.0.0.1:${port}`, "localhost", `[::1]:${port}`]) assert.equal(await statusFor(host), 201, host);
  for (const host of [`evil.test:${port}`, "localhost.evil.test", "127.0.0.1.evil.test", "[::2]"]) assert.equal(await statusFor(host), 403, host);
});

const NOBODY = "ffffffff-0000-4000-8000-000000000009";
/** Every route, what it is sent, who may, and what they get. */
const ROUTES: [method: string, path: string, body: unknown, levels: readonly string[], status: number][] = [
  ["POST", "/api/audit/log", EVENT, ["writer"], 201],
  ["POST", "/api/audit/batch", [EVENT, EVENT], ["writer"], 201],
  ["GET", `/api/audit/trail?workspaceId=${ACME}`, undefined, ["reader", "operator", "compliance"], 200],
  ["GET", `/api/audit/trail.csv?workspaceId=${ACME}`, undefined, ["reader", "operator", "compliance"], 200],
  ["GET", `/api/audit/search?workspaceId=${ACME}`, undefined, ["reader", "operator", "compliance"], 200],
  ["GET", `/api/audit/search.csv?workspaceId=${ACME}`, undefined, ["reader", "operator", "compliance"], 200],
  ["GET", `/api/audit/search.ndjson?workspaceId=${ACME}`, undefined, ["reader", "operator", "compliance"], 200],
  ["GET", `/api/audit/count?workspaceId=${ACME}`, undefined, ["reader", "operator", "compliance"], 200],
  ["GET", `/api/audit/receipts/${NOBODY}`, undefined, ["reader", "operator", "compliance"], 400],
  ["POST", "/api/admin/archive-audit", undefined, ["operator"], 200],
  ["POST", "/api/admin/create-partitions", undefined, ["operator"], 200],
  ["GET", "/api/admin/health", undefined, ["operator"], 200],
  ["GET", `/api/admin/retention?workspaceId=${ACME}`, undefined, ["operator", "compliance"], 200],
  ["GET", "/api/admin/deletion-requests", undefined, ["compliance"], 200],
  ["POST", "/api/admin/deletion-requests", { userId: NOBODY, workspaceId: ACME, authority: "GDPR" }, ["compliance"], 201],
  ["POST", `/api/admin/deletion-requests/${NOBODY}/approve`, { approvalTicketId: "T-1" }, ["compliance"], 400],
  ["POST", `/api/admin/deletion-requests/${NOBODY}/reject`, { reason: "no" }, ["compliance"], 400],
  ["POST", `/api/admin/deletion-requests/${NOBODY}/execute`, undefined, ["compliance"], 400],
  ["POST", "/api/admin/person-deletion-requests", { userId: NOBODY, authority: "GDPR", skipHeld: true }, ["compliance"], 201],
  ["POST", "/api/admin/offboarding-requests", { workspaceId: NOBODY, authority: "contract ended" }, ["compliance"], 201],
  ["POST", "/api/admin/access-requests", { userId: NOBODY, authority: "GDPR", approvalTicketId: "T-1" }, ["compliance"], 200],
  ["GET", `/api/admin/certificates/${NOBODY}`, undefined, ["compliance"], 400],
  ["POST", "/api/admin/delete-user-gdpr", { userId: NOBODY, workspaceId: ACME, authority: "GDPR", approvalTicketId: "T-1" }, ["compliance"], 200],
  ["GET", "/api/admin/holds", undefined, ["compliance"], 200],
  ["POST", "/api/admin/holds", { workspaceId: NOBODY, reason: "case 1" }, ["compliance"], 201],
  ["POST", `/api/admin/holds/${NOBODY}/release`, { reason: "over" }, ["compliance"], 400],
  ["GET", "/api/admin/policies", undefined, ["compliance"], 200],
  ["PUT", `/api/admin/policies/${ACME}`, { hot_retention_days: 90, cold_retention_days: 800 }, ["compliance"], 200],
];

const unsigned = (claims: object) => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none", typ: "JWT" })}.${part(claims)}.`;
};

test("each route, for each level and each bad token", async () => {
  const now = Math.floor(Date.now() / 1000);
  const claims = { sub: ADA, aud: "audit", exp: now + 3600, audit: LEVELS };
  const altered = `${ada.split(".")[0]}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.${ada.split(".")[2]}`;
  const otherKey = new TextEncoder().encode("another key that has more than 32 bytes");
  const bad = {
    none: undefined,
    expired: await token(ADA, ALL, { expires: now - 10 }),
    "other key": await token(ADA, ALL, { secret: otherKey }),
    "other audience": await token(ADA, ALL, { audience: "another" }),
    "without audience": await new SignJWT(ALL).setProtectedHeader({ alg: "HS256" }).setSubject(ADA).setExpirationTime("1h").sign(secretKey()),
    "without end": await new SignJWT(ALL).setProtectedHeader({ alg: "HS256" }).setSubject(ADA).setAudience("audit").sign(secretKey()),
    "HS512": await new SignJWT(ALL).setProtectedHeader({ alg: "HS512" }).setSubject(ADA).setAudience("audit").setExpirationTime("1h").sign(secretKey()),
    "sub no UUID": await token("ada@example.test", ALL),
    "alg none": unsigned(claims),
    altered,
  };
  const found: string[] = [];
  const expected: string[] = [];
  for (const [method, path, body, levels, status] of ROUTES) {
    for (const level of LEVELS) {
      const answer = await api.ask(method, path, await token(ADA, { audit: [level] }), body);
      found.push(`${method} ${path} ${level} ${answer.status}`);
      expected.push(`${method} ${path} ${level} ${levels.includes(level) ? status : 403}`);
    }
    for (const [kind, bearer] of Object.entries(bad)) {
      found.push(`${method} ${path} ${kind} ${(await api.ask(method, path, bearer, body)).status}`);
      expected.push(`${method} ${path} ${kind} 401`);
    }
  }
  assert.deepEqual(found, expected);
});

const secretKey = () => new TextEncoder().encode("the-tests-own-secret-of-32-bytes-or-more");

test("keys that cannot be fetched are an outage and end no session; a token of another key is 401", async () => {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  const keySet = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), alg: "ES256" }] });
  let status = 500;
  const provider = createServer((_, response) => response.writeHead(status).end(keySet)).listen(0, "127.0.0.1");
  await new Promise((resolve) => provider.once("listening", resolve));
  const jwksUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  const behind = await startApi({ AUDIT_JWT_SECRET: undefined, AUDIT_JWKS_URL: jwksUrl });
  const signed = (key: CryptoKey) => new SignJWT(ALL).setProtectedHeader({ alg: "ES256" }).setSubject(ADA).setAudience("audit").setExpirationTime("1h").sign(key);
  const valid = await signed(privateKey);
  const session = (bearer: string) => behind.ask("GET", "/api/session", undefined, undefined, { cookie: `audit_session=${bearer}` });

  const down = await behind.ask("GET", "/api/admin/health", valid);
  assert.equal(down.status, 503);
  assert.equal(down.body.message, "The identity provider cannot be reached.");
  assert.ok(down.headers.get("retry-after"));
  assert.equal((await session(valid)).status, 503);
  status = 200;
  assert.equal((await behind.ask("GET", "/api/admin/health", valid)).status, 200);
  const other = await signed((await generateKeyPair("ES256")).privateKey);
  for (const bad of [other, ada, "nonsense"]) assert.equal((await behind.ask("GET", "/api/admin/health", bad)).status, 401);
  const ended = await session(other);
  assert.deepEqual([ended.status, ended.body], [200, null]);
  provider.closeAllConnections();
  provider.close();
});

test("the database refuses what a route would let through: the role of each level holds no more than its level", async () => {
  for (const [level, call] of [
    ["writer", "get_audit_trail(NULL)"],
    ["reader", "insert_audit_event('X', 'y')"],
    ["reader", "place_audit_hold(NULL, 'x')"],
    ["reader", "audit_health()"],
    ["operator", "place_audit_hold(NULL, 'x')"],
    ["compliance", "archive_old_audit_events()"],
  ]) {
    await sql(`BEGIN; SET LOCAL ROLE audit_${level}; SELECT * FROM ${call}`).then(
      () => assert.fail(`${level} may call ${call}`),
      (error) => assert.equal(error.code, "42501"),
    );
    await sql("ROLLBACK");
  }
});

test("nobody becomes another by header, query or body", async () => {
  const headers = { "x-user-id": ADA, "x-audit-user-id": ADA, "audit_ext.user_id": ADA, cookie: `audit_ext.user_id=${ADA}` };
  const actor = async (id: string) => (await sql("SELECT created_by_user_id FROM audit_events WHERE id = $1", [id]))[0].created_by_user_id;
  const byQuery = await api.ask("POST", `/api/audit/log?audit_ext.user_id=${ADA}&createdByUserId=${ADA}`, writer, EVENT, headers);
  assert.equal(await actor(byQuery.body.id), SUBJECT);
  for (const field of ["audit_ext.user_id", "p_created_by_user_id", "role"]) {
    assert.equal((await api.ask("POST", "/api/audit/log", writer, { ...EVENT, [field]: ADA })).status, 400);
  }
  const asAda = { ...EVENT, createdByUserId: ADA };
  assert.equal((await api.ask("POST", "/api/audit/log", writer, asAda)).status, 403);
  assert.equal((await api.ask("POST", "/api/audit/batch", writer, [EVENT, asAda])).status, 403);
  const backEnd = await token(SUBJECT, { audit: ["writer"], audit_service: true });
  const byBackEnd = await api.ask("POST", "/api/audit/log", backEnd, asAda);
  assert.equal(await actor(byBackEnd.body.id), ADA);
});

test("the client's address is what the trusted proxies saw, not what the client wrote", async () => {
  const address = async (id: string) => (await sql("SELECT host(ip_address) AS address FROM audit_events WHERE id = $1", [id]))[0].address;
  const headers = { "x-forwarded-for": "198.51.100.66, 203.0.113.9" };
  assert.equal(await address((await api.ask("POST", "/api/audit/log", writer, EVENT, headers)).body.id), "127.0.0.1");
  const behindOne = await startApi({ AUDIT_TRUSTED_PROXIES: "1" });
  assert.equal(await address((await behindOne.ask("POST", "/api/audit/log", writer, EVENT, headers)).body.id), "203.0.113.9");
});

test("a setting that is no whole number, or too small, ends the start", async () => {
  const settings = { AUDIT_DOWNLOADS: ["four", "0", "1.5", "-1"], AUDIT_DOWNLOAD_SECONDS: ["30s", "0"], AUDIT_TRUSTED_PROXIES: ["one", "-1"], PORT: ["http", "-1"] };
  for (const [name, values] of Object.entries(settings)) {
    for (const value of values) await assert.rejects(startApi({ [name]: value }), /ended with 1/, `${name}=${value}`);
  }
  await startApi({ AUDIT_DOWNLOADS: "1", AUDIT_DOWNLOAD_SECONDS: "", AUDIT_TRUSTED_PROXIES: "0" });
});

test("two officers at once on few connections: each acts as themselves", async () => {
  const ask = (bearer: string, n: number) =>
    api.ask("POST", "/api/admin/deletion-requests", bearer, { userId: NOBODY, workspaceId: ACME, authority: "GDPR", reason: `n ${n}` });
  const answers = await Promise.all(Array.from({ length: 40 }, (_, n) => ask(n % 2 ? ada : ben, n)));
  const rows = await sql("SELECT reason, requested_by_user_id FROM audit_deletion_requests WHERE reason LIKE 'n %'");
  assert.equal(rows.length, answers.length);
  for (const { reason, requested_by_user_id } of rows) assert.equal(requested_by_user_id, Number(reason.slice(2)) % 2 ? ADA : BEN, reason);
});

test("four eyes: no one approves their own request, not even without a ticket; a hold says which", async () => {
  const request = { userId: SUBJECT, workspaceId: ACME, authority: "GDPR", reason: "Art. 17" };
  const { body: { id } } = await api.ask("POST", "/api/admin/deletion-requests", ada, request);
  const approve = (bearer: string, approvalTicketId: string) => api.ask("POST", `/api/admin/deletion-requests/${id}/approve`, bearer, { approvalTicketId });
  assert.equal((await approve(ada, "GDPR-1")).status, 403);
  assert.equal((await approve(ben, "")).status, 400);
  const hold = await api.ask("POST", "/api/admin/holds", ada, { workspaceId: ACME, reason: "case 7" });
  const held = await approve(ben, "GDPR-1");
  assert.equal(held.status, 409);
  assert.match(held.body.detail, new RegExp(hold.body.id));
  await api.ask("POST", `/api/admin/holds/${hold.body.id}/release`, ada, { reason: "over" });
  const done = await approve(ben, "GDPR-1");
  assert.equal(done.status, 200);
  assert.ok(done.body.deleted_count > 0);
  const certificate = await api.ask("GET", `/api/admin/certificates/${done.body.deletion_log_id}`, ada);
  assert.equal(certificate.body.approval_ticket_id, "GDPR-1");
  assert.equal((await approve(ben, "GDPR-1")).status, 409);
});

test("P0001 keeps its words: a conflict is 409, a turn that did not come is 503", async ({ mock }) => {
  const repeating = await startApi({ PGOPTIONS: "-c default_transaction_isolation=repeatable\\ read" });
  const erasure = { userId: NOBODY, workspaceId: SUBJECT, authority: "GDPR", approvalTicketId: "T-1" };
  const { status, body } = await repeating.ask("POST", "/api/admin/delete-user-gdpr", ada, erasure);
  assert.equal(status, 409);
  assert.match(body.message, /READ COMMITTED/);
  assert.ok(body.detail);

  const late = { code: "P0001", message: "the erasure waited too long for its turn", detail: "An archive run is at work." };
  mock.method(console, "error", () => {});
  const app = new Hono().onError(answerError).get("/", () => {
    throw toAuditError(late);
  });
  const answer = await app.request("/");
  assert.equal(answer.status, 503);
  assert.ok(answer.headers.get("retry-after"));
  assert.deepEqual(await answer.json(), { error: "unavailable", ...late });
});

test("bodies: not JSON, too large, unknown fields; paths that are not there", async () => {
  assert.equal((await api.ask("POST", "/api/audit/log", writer, "{")).status, 400);
  assert.equal((await api.ask("POST", "/api/audit/log", writer, { ...EVENT, metadata: { long: "x".repeat(1 << 20) } })).status, 413);
  assert.equal((await api.ask("POST", "/api/audit/log", writer, { ...EVENT, actoinType: "X" })).status, 400);
  const missing = await api.ask("GET", "/api/nothing", ada);
  assert.equal(missing.status, 404);
  assert.equal(missing.body.error, "not_found");
  assert.match(missing.headers.get("content-security-policy")!, /default-src 'none'.*frame-ancestors 'none'/);
});

test("the API's bytes and a spreadsheet's formulas: CSV", async () => {
  assert.equal(cell("=1+1"), "'=1+1");
  assert.equal(cell("+1"), "'+1");
  assert.equal(cell("-1"), "'-1");
  assert.equal(cell("@x"), "'@x");
  assert.equal(cell("\tx"), "'\tx");
  assert.equal(cell("\rx"), `"'\rx"`);
  assert.equal(cell('a "b", c'), '"a ""b"", c"');
  assert.equal(cell(null), "");
  const workspace = "10000000-0000-4000-8000-0000000000c5";
  await api.ask("POST", "/api/audit/log", writer, { ...EVENT, workspaceId: workspace, actionType: "=cmd|'/c calc'!A1" });
  const rows = { "trail.csv": /^created_at,.*\r\n[^,]*,'=cmd\|'\/c calc'!A1,workspace,/, "search.csv": /^id,.*\r\n([^,]*,){3}"'=cmd\|'\/c calc'!A1",workspace,/ };
  for (const [path, row] of Object.entries(rows)) {
    const { body, headers } = await api.ask("GET", `/api/audit/${path}?workspaceId=${workspace}`, ada);
    assert.match(headers.get("content-type")!, /text\/csv/);
    assert.match(body, row);
  }
});

test("a filter that nobody knows is refused, not left out; so is what is no JSON", async () => {
  const ask = async (query: string) => (await api.ask("GET", `/api/audit/search?workspaceId=${ACME}&${query}`, ada)).status;
  assert.equal(await ask("actions=LOGIN&tags="), 200);
  assert.equal(await ask("action=LOGIN"), 400);
  assert.equal(await ask("contains={"), 400);
  assert.equal((await api.ask("GET", "/api/audit/search", ada)).status, 400);
});

test("1,000 events, paged beside a writer: each once and in order", async () => {
  const workspace = "10000000-0000-4000-8000-000000001000";
  const event = (n: number) => ({ ...EVENT, workspaceId: workspace, metadata: { n } });
  const before = await api.ask("POST", "/api/audit/batch", writer, Array.from({ length: 1000 }, (_, n) => event(n)));
  let isWriting = true;
  let written = 0;
  const beside = (async () => {
    while (isWriting) written += (await api.ask("POST", "/api/audit/log", writer, event(-1))).status === 201 ? 1 : 0;
  })();
  await until(async () => written > 0, "the writer writes");
  const seen: string[] = [];
  for (let next: string | null | undefined; next !== null; ) {
    const page = await api.ask("GET", `/api/audit/trail?workspaceId=${workspace}&limit=37${next ? `&before=${next}` : ""}`, ada);
    seen.push(...page.body.events.map((one: { id: string }) => one.id));
    next = page.body.next;
  }
  isWriting = false;
  await beside;
  assert.equal(new Set(seen).size, seen.length);
  assert.deepEqual(seen.filter((id) => before.body.ids.includes(id)), before.body.ids.toReversed());
});

test("a database that stops and starts again: 503, the process lives, the next call is answered", async () => {
  const recorded = await count();
  server("stop");
  const down = await api.ask("POST", "/api/audit/log", writer, EVENT);
  assert.equal(down.status, 503);
  assert.ok(down.headers.get("retry-after"));
  assert.doesNotMatch(JSON.stringify(down.body), /\/tmp|socket|ECONN/);
  server("start");
  const up = await api.ask("POST", "/api/audit/log", writer, EVENT);
  assert.equal(up.status, 201);
  assert.equal(api.child.exitCode, null);
  assert.equal(await count(), recorded + 1);
});
