import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  auditContext, AuditError, callerOf, clientAddress, createAuditClient, currentCaller, overPg, retrying, type Rpc, toAuditError,
  withAudit, withAuditContext,
} from "@audit-ext/client";
import pg from "pg";
import { statementOf } from "../client/statement.ts";
import { schedule } from "../server/schedule.ts";
import { ACME, ADA, BEN, owner } from "./support.ts";

const sql = owner();
const error = (code: string | undefined, extra = {}) => toAuditError({ code, message: "m", ...extra });

test("database.types.ts has the functions, arguments and columns of the catalog", async () => {
  const functions = await sql(`
    SELECT proname AS name, (SELECT string_agg(a || CASE WHEN place > pronargs - pronargdefaults THEN '?' ELSE '' END, ' ' ORDER BY a)
      FROM unnest(proargnames[1:pronargs]) WITH ORDINALITY AS t (a, place)) AS arguments
    FROM pg_proc JOIN pg_depend ON objid = pg_proc.oid AND deptype = 'e' AND classid = 'pg_proc'::regclass
    WHERE prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype) AND prokind = 'f'
      AND pronamespace = 'public'::regnamespace AND proname NOT LIKE 'audit_ticket%' ORDER BY 1`);
  const tables = await sql(`
    SELECT relname AS name, string_agg(attname || CASE WHEN attnotnull OR relkind = 'v' THEN '' ELSE '|null' END, ' ' ORDER BY attname COLLATE "C") AS columns
    FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v') AND NOT relispartition GROUP BY 1, relkind ORDER BY 1`);

  // What is unknown may be null.
  const nullable = new Set(tables.flatMap(({ name, columns }) => [...columns.matchAll(/(\w+)\|null/g)].map(([, column]) => `${name}.${column}`)));

  const types = readFileSync("client/database.types.ts", "utf8");
  const [relations, routines] = [types.slice(0, types.indexOf("    Functions: {")), types.slice(types.indexOf("    Functions: {"))];
  const told = [...routines.matchAll(/^ {6}(\w+): \{\s+Args:\s+(?:Record<PropertyKey, never>|\{([^}]*)\})/gm)].map(([, name, args]) => ({
    name,
    arguments: [...(args ?? "").matchAll(/(\w+)(\?)?:/g)].map(([, arg, optional]) => arg + (optional ?? "")).sort().join(" ") || null,
  }));
  assert.deepEqual(told, functions.map((one) => ({ ...one, arguments: one.arguments?.split(" ").sort().join(" ") ?? null })));
  const columnsTold = [...relations.matchAll(/^ {6}(\w+): \{\n {8}Row: \{([^}]*)\}/gm)].map(([, name, row]) => ({
    name,
    columns: [...row!.matchAll(/(\w+): (.*)/g)].map(([, column, type]) => column + (/\| null$/.test(type!) || nullable.has(`${name}.${column}`) && type!.startsWith("unknown") ? "|null" : "")).sort().join(" "),
  }));
  const isView = new Set((await sql("SELECT relname FROM pg_class WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace")).map((one) => one.relname));
  const plain = ({ name, columns }: any) => ({ name, columns: isView.has(name) ? columns.replaceAll("|null", "") : columns });
  const byName = (one: { name?: string }, other: { name?: string }) => (one.name! < other.name! ? -1 : 1);
  assert.deepEqual(columnsTold.map(plain).sort(byName), tables.map(plain).sort(byName));
});

test("errors: status by SQLSTATE, the check by field or by words, no outage made of a mistake", () => {
  const statuses = { "23514": 400, "22P02": 400, "428C9": 400, "42883": 400, "42501": 403, "23001": 409, "08006": 503, "40P01": 503, "53300": 503, "57P03": 503, XX000: 500 };
  for (const [code, status] of Object.entries(statuses)) assert.equal(error(code).status, status, code);
  for (const message of ["the archive gave up waiting for a lock", "the erasure waited too long for its turn", "another seal is at work", 'somebody else is at work on the stream "siem"', "node 2 did not answer"]) {
    assert.equal(error("P0001", { message }).status, 503, message);
  }
  for (const message of ["no event of the trail backs request for deletion 1", "events came in meanwhile", "a seal needs the isolation level READ COMMITTED"]) {
    assert.equal(error("P0001", { message }).status, 409, message);
  }
  assert.equal(error("ECONNREFUSED").status, 503);
  assert.equal(error("EPIPE").status, 503);
  assert.equal(toAuditError({ code: "EPIPE", message: "m" }, 404).status, 404);
  assert.equal(error(undefined).status, 503);
  assert.equal(toAuditError(new TypeError("x is not a function")).status, 500);
  assert.equal(error("23514", { constraint: "check_a" }).constraint, "check_a");
  assert.equal(error("23514", { message: 'violates check constraint "check_action_type_not_empty"' }).constraint, "check_action_type_not_empty");
  assert.equal(error("23514", { details: "Constraint check_audit_event_sequence: …" }).constraint, "check_audit_event_sequence");
  assert.equal(error("22023", { message: "check_this" }).constraint, undefined);
  assert.equal(toAuditError({ code: "PGRST301", message: "JWT expired" }, 401).status, 401);
});

test("asked again is what did not run, reads, and events with a key; never an event without one whose answer was lost", async () => {
  const attempts = async (name: Parameters<Rpc>[0], code: string | undefined, failures: number, args = {}) => {
    let calls = 0;
    const rpc = retrying(async () => (++calls <= failures ? Promise.reject(error(code)) : "done"), () => 0);
    const answer = await rpc(name, args).catch((reason: AuditError) => reason.code ?? "lost");
    return `${calls} ${answer}`;
  };
  assert.equal(await attempts("insert_audit_event", "ECONNREFUSED", 2), "3 done");
  assert.equal(await attempts("insert_audit_event", "ECONNREFUSED", 9), "3 ECONNREFUSED");
  assert.equal(await attempts("insert_audit_event", "57P03", 1), "2 done");
  assert.equal(await attempts("insert_audit_event", "ECONNRESET", 1), "1 ECONNRESET");
  assert.equal(await attempts("insert_audit_event", undefined, 1), "1 lost");
  assert.equal(await attempts("insert_audit_event", "23514", 1), "1 23514");
  assert.equal(await attempts("get_audit_trail", undefined, 1), "2 done");
  assert.equal(await attempts("get_audit_trail", "22023", 1), "1 22023");
  const key = { p_idempotency_key: "k" };
  assert.equal(await attempts("insert_audit_event", undefined, 1, key), "2 done");
  assert.equal(await attempts("insert_audit_event", "23505", 1, key), "1 23505");
  assert.equal(await attempts("insert_audit_events", undefined, 1, { p_events: [key, key] }), "2 done");
  assert.equal(await attempts("insert_audit_events", undefined, 1, { p_events: [key, {}] }), "1 lost");
  assert.equal(await attempts("place_audit_hold", undefined, 1, key), "1 lost");
});

test("logOnce: an answer that was lost after the commit gives the same id and one event; other values under its key are refused", async () => {
  const pool = new pg.Pool({ user: "audit_gateway" });
  const connection = overPg(pool);
  const keys: unknown[] = [];
  let lost = 0;
  // The event is there, and its answer is not.
  const losing: Rpc = async (name, args, caller) => {
    const answer = await connection(name, args, caller);
    keys.push(args.p_idempotency_key);
    if (lost++ === 0) throw error(undefined);
    return answer;
  };
  const writer = createAuditClient(losing).as({ role: "audit_writer", userId: ADA });
  const payload = { actionType: "PAID", resourceType: "invoice", workspaceId: ACME, newValues: { amount: 5 } };
  const recorded = () => sql("SELECT id FROM audit_events WHERE action_type = 'PAID'");
  const id = await writer.logOnce(payload);
  assert.deepEqual(await recorded(), [{ id }]);
  assert.equal(keys.length, 2);
  assert.ok(typeof keys[0] === "string" && keys[0] === keys[1]);
  // Each call has a key of its own; a key of the caller's is kept.
  await writer.logOnce(payload);
  assert.equal((await recorded()).length, 2);
  const own = await writer.log({ ...payload, idempotencyKey: "payment-7" });
  assert.equal(await writer.logOnce({ ...payload, idempotencyKey: "payment-7" }), own);
  assert.equal((await recorded()).length, 3);
  const [first, second] = await writer.logMany([{ ...payload, idempotencyKey: "payment-7" }, { ...payload, idempotencyKey: "payment-8" }]);
  assert.equal(first, own);
  assert.notEqual(second, own);
  await assert.rejects(writer.log({ ...payload, newValues: { amount: 6 }, idempotencyKey: "payment-7" }), { code: "23505", constraint: "audit_idempotency_key_unique", status: 400 });
  assert.equal((await recorded()).length, 4);
  await pool.end();
});

test("the client's address is found from the right", () => {
  assert.equal(clientAddress("198.51.100.66, 203.0.113.9", "10.0.0.1", 0), "10.0.0.1");
  assert.equal(clientAddress("198.51.100.66, 203.0.113.9", "10.0.0.1", 1), "203.0.113.9");
  assert.equal(clientAddress("203.0.113.9", "10.0.0.1", 5), "203.0.113.9");
  assert.equal(clientAddress(null, "::ffff:127.0.0.1", 1), "127.0.0.1");
  assert.equal(clientAddress("198.51.100.66", undefined, 0), undefined);
  assert.equal(clientAddress("198.51.100.66, 203.0.113.9", undefined, 1), "203.0.113.9");
  assert.equal(clientAddress(null, undefined, 1), undefined);
  assert.deepEqual(callerOf((name) => (name === "x-request-id" ? "r-1" : undefined), "127.0.0.1"), { ipAddress: "127.0.0.1", userAgent: undefined, requestId: "r-1" });
});

test("no name or argument becomes SQL", () => {
  assert.throws(() => statementOf("audit_health", { "p_x); DROP TABLE audit_events; --": 1 }), AuditError);
  assert.throws(() => statementOf("pg_read_file" as never, {}), AuditError);
  assert.throws(() => statementOf("toString" as never, {}), AuditError);
});

test("middleware takes the headers of HTTP/2, and what is not there for unknown", () => {
  const http2 = { ":method": "GET", ":path": "/", "user-agent": undefined, "x-request-id": ["r-1", "r-2"] };
  auditContext({ userId: () => ADA })({ headers: http2, socket: { remoteAddress: "203.0.113.9" } }, null, () =>
    assert.deepEqual(currentCaller(), { ipAddress: "203.0.113.9", userAgent: undefined, requestId: "r-1, r-2", userId: ADA, workspaceId: undefined }),
  );
});

test("middleware: the context of a request reaches calls and captured tables, and no other request", async () => {
  await sql("CREATE TABLE notes (id uuid PRIMARY KEY, workspace_id uuid, text text)");
  await sql("GRANT ALL ON notes TO audit_writer");
  await sql("SELECT audit_track_table('notes')");
  const pool = new pg.Pool({ user: "audit_gateway", max: 1 });
  const audit = createAuditClient(overPg(pool));
  const asRole = <T>(run: () => Promise<T>) => withAudit(pool, { ...currentCaller(), role: "audit_writer" }, async (client) => {
    await client.query("INSERT INTO notes VALUES (gen_random_uuid(), $1, 'x')", [ACME]);
    return run;
  });

  const next = withAuditContext({ userId: (request) => request.headers.get("x-test-user") ?? undefined }, async () => {
    await asRole(async () => null);
    return new Response("done");
  });
  const request = (user: string, id: string) => new Request("http://x/", { headers: { "x-test-user": user, "x-request-id": id, "user-agent": "next" } });
  await Promise.all([next(request(ADA, "r-ada")), next(request(BEN, "r-ben"))]);

  const express = auditContext({ userId: () => BEN, trustedProxies: 1 });
  await new Promise<void>((resolve, reject) =>
    express({ headers: { "x-forwarded-for": "203.0.113.9", "x-request-id": "r-express" }, socket: { remoteAddress: "127.0.0.1" } }, null, () =>
      asRole(async () => null).then(() => resolve(), reject),
    ),
  );
  const events = await sql("SELECT request_id, created_by_user_id, host(ip_address) AS address FROM audit_events WHERE resource_type = 'notes' ORDER BY 1");
  assert.deepEqual(events, [
    { request_id: "r-ada", created_by_user_id: ADA, address: null },
    { request_id: "r-ben", created_by_user_id: BEN, address: null },
    { request_id: "r-express", created_by_user_id: BEN, address: "203.0.113.9" },
  ]);
  // After it, the one connection knows nobody: neither role nor person.
  await assert.rejects(audit.log({ actionType: "X", resourceType: "y", workspaceId: ACME }), { code: "42501" });
  const settings = await pool.query("SELECT current_user AS role, current_setting('audit_ext.user_id', true) AS person");
  assert.deepEqual(settings.rows[0], { role: "audit_gateway", person: "" });
  await pool.end();
});

test("a connection that breaks between two statements of a transaction ends the transaction, not the process", async () => {
  const pool = new pg.Pool({ user: "audit_gateway", max: 1 });
  const broken = withAudit(pool, { userId: ADA, role: "audit_reader" }, async (client) => {
    const { rows } = await client.query("SELECT pg_backend_pid() AS pid");
    await sql(`SELECT pg_terminate_backend(${rows[0].pid}, 5000)`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    return client.query("SELECT 1");
  });
  await assert.rejects(broken);
  // The pool has made a new one.
  assert.equal(await withAudit(pool, { userId: ADA, role: "audit_reader" }, async (client) => (await client.query("SELECT 1 AS one")).rows[0].one), 1);
  await pool.end();
});

test("withAudit raises an error when a failed statement, though caught, has rolled the transaction back", async () => {
  const pool = new pg.Pool({ user: "audit_gateway" });
  const run = withAudit(pool, { userId: ADA, role: "audit_writer" }, async (client) => {
    await client.query("SELECT insert_audit_event('LOST', 'thing', p_workspace_id => $1)", [ACME]);
    await client.query("SELECT 1 / 0").catch(() => {});
    return "done";
  });
  await assert.rejects(run, { name: "AuditError", code: "25P02", status: 500 });
  assert.deepEqual(await sql("SELECT id FROM audit_events WHERE action_type = 'LOST'"), []);
  await pool.end();
});

test("the guide's two jobs are scheduled where pg_cron has none, and do their work as an operator", async () => {
  const pool = new pg.Pool({ user: "audit_gateway" });
  const tasks = await schedule(createAuditClient(overPg(pool)));
  assert.equal(tasks.length, 2);
  const runs = async () => Number((await sql("SELECT count(*) FROM audit_archive_runs"))[0].count);
  const before = await runs();
  for (const task of tasks) await task.execute();
  assert.equal(await runs(), before + 1);
  for (const task of tasks) await task.destroy();
  await pool.end();
});
