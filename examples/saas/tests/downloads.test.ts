import assert from "node:assert/strict";
import { test } from "node:test";
import { AuditError, createAuditClient, overPg, overPostgres, overSupabase } from "@audit-ext/client";
import pg from "pg";
import postgres from "postgres";
import { createApp } from "../server/app.ts";
import { ACME, ADA, AUDIENCE, BEN, owner, SECRET, server, startApi, SUBJECT, token, until } from "./support.ts";

// Files of lines: all of them, as fast as they are read; what was read is recorded whoever leaves or stalls; few at a time.
const EVENTS = 10_000;
const HUGE = "10000000-0000-4000-8000-00000000b166";
const FORMULA = "=cmd|'/c calc'!A1";

const sql = owner();
// More than the buffers between server and reader take.
await sql(
  `INSERT INTO audit_events (created_at, workspace_id, created_by_user_id, action_type, resource_type, metadata)
   SELECT now() - interval '1 day' + n * interval '1 second', $1, $2, CASE WHEN n = 3 THEN $3 ELSE 'ACT' END, 'thing', jsonb_build_object('n', n, 'pad', repeat(md5(n::text), 64))
   FROM generate_series(1, ${EVENTS}) AS n`,
  [HUGE, SUBJECT, FORMULA],
);
const api = await startApi({ AUDIT_DOWNLOADS: "3" });
const impatient = await startApi({ AUDIT_DOWNLOAD_SECONDS: "4" });
const [ada, ben, sam] = await Promise.all([ADA, BEN, SUBJECT].map((person) => token(person, { audit: ["reader"] })));
const PATH = `/api/audit/search.ndjson?workspaceId=${HUGE}`;
const get = (url: string, path: string, bearer: string, signal?: AbortSignal) => fetch(`${url}${path}`, { headers: { authorization: `Bearer ${bearer}` }, signal });

const recorded = async (action = "AUDIT_EVENTS_EXPORTED") => Number((await sql("SELECT count(*) FROM audit_events WHERE action_type = $1", [action]))[0].count);
const open = async () => Number((await sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'audit_gateway' AND xact_start IS NOT NULL"))[0].count);
const noneOpen = () => until(async () => (await open()) === 0, "no transaction is open");
const nOf = (line: string) => JSON.parse(line).metadata?.n as number;

test("NDJSON: every event, oldest first, and a last line that counts; CSV: no cell is a formula; filters are the search's", async () => {
  const file = await get(api.url, PATH, ada!);
  assert.equal(file.headers.get("content-disposition"), 'attachment; filename="audit-events.ndjson"');
  assert.match(file.headers.get("content-type")!, /^application\/x-ndjson/);
  const lines = (await file.text()).trimEnd().split("\n");
  assert.deepEqual(lines.slice(0, -1).map(nOf), Array.from({ length: EVENTS }, (_, n) => n + 1));
  assert.match(lines.at(-1)!, new RegExp(`\\b${EVENTS}\\b`));
  const csv = await (await get(api.url, `/api/audit/search.csv?workspaceId=${HUGE}&actions=%3Dcmd*`, ada!)).text();
  assert.equal(csv.trimEnd().split("\r\n").length, 2);
  assert.ok(csv.includes(`,"'${FORMULA}",`));
  assert.equal((await get(api.url, `${PATH}&action=ACT`, ada!)).status, 400);
  assert.equal((await get(api.url, `${PATH}&limit=5`, ada!)).status, 400);
  await noneOpen();
});

test("trail.csv, which ends at 10,000 events, is refused rather than cut off, unless a limit is asked for", async () => {
  const ask = (query: string) => api.ask("GET", `/api/audit/trail.csv?workspaceId=${HUGE}${query}`, ada);
  const refused = await ask("");
  assert.equal(refused.status, 400);
  assert.match(refused.body.hint, /search\.csv/);
  assert.equal((await ask("&limit=5")).body.trimEnd().split("\r\n").length, 6);
});

test("a reader who leaves: the transaction ends, and that it was read stays recorded", async () => {
  const [before, finished] = [await recorded(), await recorded("AUDIT_EXPORT_FINISHED")];
  const leaving = new AbortController();
  const file = await get(api.url, PATH, ada!, leaving.signal);
  await file.body!.getReader().read();
  assert.equal(await open(), 1, "the file is not yet whole");
  assert.equal(await recorded(), before);
  leaving.abort();
  await noneOpen();
  assert.equal(await recorded(), before + 1);
  assert.equal(await recorded("AUDIT_EXPORT_FINISHED"), finished);
});

test("a reader who stalls is cut off: the transaction ends, that it was read stays recorded, and the file says that it is not whole", async () => {
  const before = await recorded();
  const file = await get(impatient.url, PATH, ada!);
  assert.equal(await open(), 1);
  await noneOpen();
  assert.equal(await recorded(), before + 1);
  await assert.rejects(file.text());
});

test("a reader who stalls where there is no connection to hang up, as in an edge function, is told too", async () => {
  const pool = new pg.Pool({ user: "audit_gateway" });
  const app = createApp({ client: createAuditClient(overPg(pool)), keys: { secret: SECRET, audience: AUDIENCE }, downloadLimits: { pieceSeconds: 1 } });
  const { body } = await app.request(PATH, { headers: { authorization: `Bearer ${ada}` } });
  const reader = body!.getReader();
  await reader.read();
  await noneOpen();
  await assert.rejects(Promise.race([reader.read(), new Promise((resolve) => setTimeout(resolve, 2000))]), /cut off/);
  await pool.end();
});

test("few at a time: of one person, and of all; each that ends lets another in", async () => {
  const leaving = new AbortController();
  const start = (bearer: string) => get(api.url, PATH, bearer, leaving.signal).then(({ status }) => status);
  const found = [await start(ada!), await start(ada!), await start(ada!), await start(ben!), await start(sam!)];
  assert.deepEqual(found, [200, 200, 429, 200, 429]);
  const before = await recorded();
  const refused = await api.ask("GET", PATH, sam);
  assert.ok(refused.headers.get("retry-after"));
  assert.equal(await recorded(), before);
  leaving.abort();
  await noneOpen();
  const again = new AbortController();
  await until(async () => (await get(api.url, PATH, sam!, again.signal)).status === 200, "another is let in");
  again.abort();
  // What is refused takes no place.
  for (let n = 0; n < 5; n++) assert.equal((await get(api.url, `${PATH}&userIds=nobody`, sam!)).status, 400);
  await noneOpen();
});

test("by cookie from the console's own page only; HEAD is refused: neither records an event", async () => {
  const before = await recorded();
  const ask = async (site: string | undefined) =>
    (await api.ask("GET", `${PATH}&actions=NONE`, undefined, undefined, { cookie: `audit_session=${ada}`, ...(site && { "sec-fetch-site": site }) })).status;
  for (const site of ["cross-site", "same-site", "none", undefined]) assert.equal(await ask(site), 403, site);
  assert.equal((await fetch(`${api.url}${PATH}`, { method: "HEAD", headers: { authorization: `Bearer ${ada}` } })).status, 405);
  assert.equal(await recorded(), before);
  assert.equal(await ask("same-origin"), 200);
  assert.equal(await recorded(), before + 1);
});

test("the client: the same lines over pg and postgres.js; left early, refused and continued; not over PostgREST", async () => {
  const pool = new pg.Pool({ user: "audit_gateway", max: 1 });
  const driver = postgres({ user: "audit_gateway", host: process.env.PGHOST, database: process.env.PGDATABASE, max: 1, onnotice: () => {} });
  const filters = { userIds: [SUBJECT], from: "2020-01-01", text: "\"pad\"" };
  const found: string[][] = [];
  for (const connection of [overPg(pool), overPostgres(driver)]) {
    const reader = createAuditClient(connection).as({ role: "audit_reader", userId: ADA });
    const lines: string[] = [];
    for await (const line of reader.exportLines(HUGE, filters)) lines.push(line);
    assert.equal(lines.length, EVENTS + 1);
    found.push(lines.slice(0, -1));

    const before = await recorded();
    for await (const line of reader.exportLines(HUGE)) if (nOf(line) === 100) break;
    assert.equal(await recorded(), before + 1);
    const rest = reader.exportLines(HUGE, { afterEventId: JSON.parse(lines[99]!).id }, "csv");
    assert.match((await rest.next()).value!, /^id,|^created_at,/);
    assert.match((await rest.next()).value!, /"{2}n"{2}: ?101\b/);
    await rest.return();
    await assert.rejects(reader.exportLines(HUGE, {}, "pdf" as never).next(), { name: "AuditError", code: "22023", status: 400 });
    // The one connection is free, and nobody's.
    await assert.rejects(createAuditClient(connection).page(HUGE), { code: "42501" });
    assert.equal((await reader.page(HUGE, { limit: 1 })).length, 1);
  }
  assert.deepEqual(found[0], found[1]);
  const overRest = createAuditClient(overSupabase({ rpc: null, from: null }));
  await assert.rejects(overRest.exportLines(ACME).next(), (error) => error instanceof AuditError && error.code === "0A000" && /overPg/.test(error.hint!));
  await pool.end();
  await driver.end();
});

test("a database that stops while a file is read: the file is cut off, the process lives", async () => {
  const file = await get(api.url, PATH, ben!);
  server("stop");
  await assert.rejects(file.text());
  server("start");
  await until(async () => (await get(api.url, `${PATH}&actions=NONE`, ben!)).status === 200, "the next file is whole");
  assert.equal(api.child.exitCode, null);
});
