import assert from "node:assert/strict";
import { test } from "node:test";
import { type AuditClient, AuditError, countText, createAuditClient, overPg, overPostgres, overSupabase } from "@audit-ext/client";
import { createClient } from "@supabase/supabase-js";
import cron from "node-cron";
import pg from "pg";
import postgres from "postgres";
import { ACME, ADA, BEN, owner, startApi, startPostgrest, SUBJECT, token, until } from "./support.ts";
import { overApi } from "./over-api.ts";

// Four copies of one database, a seam each: what is done and refused, and how, must be the same.
const SEAMS = ["pg", "postgres", "supabase", "api"] as const;
const STRANGER = "30000000-0000-4000-8000-000000000009";
const ELSEWHERE = "10000000-0000-4000-8000-000000000002";
type Person = "writer" | "reader" | "operator" | "ada" | "ben";
const PEOPLE: Record<Person, [id: string, level: string]> = {
  writer: [SUBJECT, "writer"],
  reader: [SUBJECT, "reader"],
  operator: [ADA, "operator"],
  ada: [ADA, "compliance"],
  ben: [BEN, "compliance"],
};
type Clients = Record<Person, AuditClient>;

const each = <T>(make: (person: Person, id: string, level: string) => T) =>
  Object.fromEntries(Object.entries(PEOPLE).map(([person, [id, level]]) => [person, make(person as Person, id, level)])) as Record<Person, T>;

const pool = new pg.Pool({ user: "audit_gateway", database: "seam_pg" });
const sql = postgres({ user: "audit_gateway", database: "seam_postgres", host: process.env.PGHOST, onnotice: () => {} });
const url = await startPostgrest("seam_supabase");
const api = await startApi({ PGDATABASE: "seam_api" });
const bearers = each((_, id, level) => token(id, { role: `audit_${level}`, audit: [level] }));
const key = await token(ADA, { role: "service_role" });

const overDriver = (client: ReturnType<typeof createAuditClient>) => each((_, userId, level) => client.as({ userId, role: `audit_${level}` }));
const overTokens = async (rpc: (bearer: string) => ReturnType<typeof overPg>) =>
  Object.fromEntries(await Promise.all(Object.entries(bearers).map(async ([person, bearer]) => [person, createAuditClient(rpc(await bearer))]))) as Clients;
const seams: Record<(typeof SEAMS)[number], Clients> = {
  pg: overDriver(createAuditClient(overPg(pool))),
  postgres: overDriver(createAuditClient(overPostgres(sql))),
  supabase: await overTokens((bearer) => overSupabase(createClient(url, bearer))),
  api: await overTokens((bearer) => overApi(api, bearer)),
};

const EVENT = { actionType: "RENAME", resourceType: "document", resourceId: ACME, workspaceId: ACME };
/** What a call leaves for those after it. */
type Memory = Record<string, string>;
type Call = [what: string, run: (clients: Clients, memory: Memory) => Promise<unknown>];

const CALLS: Call[] = [
  ["an event", ({ writer }) => writer.log({ ...EVENT, createdByUserId: SUBJECT, oldValues: { a: 1, b: [1] }, newValues: { a: 2, b: [1] }, ipAddress: "203.0.113.9", userAgent: "agent", tags: ["x", 'y "z"'], metadata: { deep: [{ n: null }] } })],
  ["an event of the request's user", ({ writer }) => writer.log({ ...EVENT, ipAddress: "203.0.113.9", userAgent: "agent", requestId: "r-1" })],
  ["values that are no objects", ({ writer }) => writer.log({ ...EVENT, oldValues: [1, "two"], newValues: "text" as never, ipAddress: "::1", userAgent: "agent" })],
  ["an empty action", ({ writer }) => writer.log({ ...EVENT, actionType: "" })],
  ["no action", ({ writer }) => writer.log({ ...EVENT, actionType: undefined })],
  ["a blank resource type", ({ writer }) => writer.log({ ...EVENT, resourceType: " \t" })],
  ["no workspace", ({ writer }) => writer.log({ ...EVENT, workspaceId: undefined })],
  ["empty old values", ({ writer }) => writer.log({ ...EVENT, oldValues: {} })],
  ["empty new values", ({ writer }) => writer.log({ ...EVENT, newValues: {} })],
  ["a workspace that is no UUID", ({ writer }) => writer.log({ ...EVENT, workspaceId: "ws-123" })],
  ["an address that is none", ({ writer }) => writer.log({ ...EVENT, ipAddress: "nowhere" })],
  ["an action of the trail's own", ({ writer }) => writer.log({ ...EVENT, actionType: "AUDIT_X" })],
  ["no member of the workspace", ({ writer }) => writer.log({ ...EVENT, workspaceId: ELSEWHERE })],
  ["a NUL in a document", ({ writer }) => writer.log({ ...EVENT, metadata: { text: "a\0b" } })],
  ["an event with a key, twice", async ({ writer }) => {
    const keyed = { ...EVENT, actionType: "KEYED", ipAddress: "::1", userAgent: "a", idempotencyKey: "k-1" };
    return (await writer.log(keyed)) === (await writer.logOnce(keyed));
  }],
  ["other values with that key", ({ writer }) => writer.log({ ...EVENT, actionType: "KEYED", newValues: { other: true }, ipAddress: "::1", userAgent: "a", idempotencyKey: "k-1" })],
  ["two events", ({ writer }) => writer.logMany([{ ...EVENT, ipAddress: "::1", userAgent: "a" }, { ...EVENT, actionType: "SECOND", ipAddress: "::1", userAgent: "a" }])],
  ["two events, one wrong", ({ writer }) => writer.logMany([EVENT, { ...EVENT, actionType: "" }])],
  ["the trail", ({ reader }) => reader.page(ACME)],
  ["the trail of one type", ({ reader }) => reader.page(ACME, { resourceType: "nothing" })],
  ["the trail of a workspace of others", ({ reader }) => reader.page(ELSEWHERE)],
  ["a page without size", ({ reader }) => reader.page(ACME, { limit: 0 })],
  ["a page after an event that is not there", ({ reader }) => reader.page(ACME, { beforeEventId: STRANGER })],
  ["the trail, page by page", ({ reader }) => all(reader.trail(ACME, { limit: 2 }))],
  ["a search by all that describes an event", ({ reader }) => reader.search(ACME, { from: "-infinity", to: "infinity", userIds: [SUBJECT, BEN], actions: ["NONE", "REN*"], resourceTypes: ["document"], resourceId: ACME, ipAddress: "203.0.113.0/24", tags: ["x", 'y "z"'], changedField: "a", contains: { deep: [{ n: null }] }, text: '"DEEP"' })],
  ["a search by request", ({ reader }) => reader.search(ACME, { requestId: "r-1", from: new Date(0) })],
  ["a search that finds nothing", ({ reader }) => reader.search(ACME, { userIds: [STRANGER] })],
  ["a search, page by page", ({ reader }) => all(reader.searchAll(ACME, { actions: ["RENAME"], limit: 2 }))],
  ["a search in a workspace of others", ({ reader }) => reader.search(ELSEWHERE)],
  ["a search for hostile text", ({ reader }) => reader.search(ACME, { text: "%_'\\\"; DROP TABLE audit_events; --" })],
  ["a search from the end to the beginning", ({ reader }) => reader.search(ACME, { from: "2026-02-01", to: "2026-01-01" })],
  ["a search after an event that is not there", ({ reader }) => reader.search(ACME, { beforeEventId: STRANGER })],
  ["a count", ({ reader }) => reader.count(ACME, { actions: ["RENAME"] })],
  ["a count that stops", async ({ reader }) => countText(await reader.count(ACME, {}, 1))],
  ["a count in a workspace of others", ({ reader }) => reader.count(ELSEWHERE)],
  ["a policy", ({ ada }) => ada.retention.save({ workspace_id: ACME, hot_retention_days: 60, requires_approval: true })],
  ["a policy without days", ({ ada }) => ada.retention.save({ workspace_id: ACME, hot_retention_days: 0 })],
  ["a policy whose days are longer than the defaults", ({ ada }) => ada.retention.save({ workspace_id: ACME, hot_retention_days: 400, warm_archive_days: 800 })],
  ["a part of that policy", ({ ada }) => ada.retention.save({ workspace_id: ACME, hot_retention_days: 500 })],
  ["the same part again", ({ ada }) => ada.retention.save({ workspace_id: ACME, hot_retention_days: 500 })],
  ["a policy that changes nothing", ({ ada }) => ada.retention.save({ workspace_id: ACME })],
  ["a policy of a workspace without events", ({ ada }) => ada.retention.save({ workspace_id: STRANGER, cooling_off_days: 3, requires_approval: undefined })],
  ["that policy, with days that are none", ({ ada }) => ada.retention.save({ workspace_id: STRANGER, hot_retention_days: 0 })],
  ["an erasure that takes a request", ({ ada }) => ada.erase({ userId: SUBJECT, workspaceId: ACME, authority: "GDPR", approvalTicketId: "T-1" })],
  ["a request", async ({ ada }, memory) => (memory.request = await ada.workflow.request(SUBJECT, ACME, "GDPR", "Art. 17"))],
  ["a request without authority", ({ ada }) => ada.workflow.request(SUBJECT, ACME, " ")],
  ["the requests", ({ ben }) => ben.workflow.requests({ workspace_id: ACME })],
  ["one's own request approved", ({ ada }, { request }) => ada.workflow.approve(request!, "T-1")],
  ["an approval without ticket", ({ ben }, { request }) => ben.workflow.approve(request!, "")],
  ["a hold", async ({ ada }, memory) => (memory.hold = await ada.holds.place(ACME, "case 7"))],
  ["an approval under a hold", ({ ben }, { request }) => ben.workflow.approve(request!, "T-1")],
  ["the hold released", ({ ada }, { hold }) => ada.holds.release(hold!, "over")],
  ["the holds", ({ ada }) => ada.holds.list({ workspace_id: ACME })],
  ["an approval", async ({ ben }, memory) => {
    const deletion = await ben.workflow.approve(memory.request!, "T-1");
    memory.entry = deletion.deletion_log_id!;
    return deletion;
  }],
  ["a second approval", ({ ben }, { request }) => ben.workflow.approve(request!, "T-1")],
  ["a rejection too late", ({ ben }, { request }) => ben.workflow.reject(request!, "no")],
  ["the certificate", ({ ada }, { entry }) => ada.certificate(entry!)],
  ["a certificate of nothing", ({ ada }) => ada.certificate(STRANGER)],
  ["a request for all workspaces", async ({ ada }, memory) => (memory.person = await ada.workflow.requestPerson(STRANGER, "GDPR", { reason: "Art. 17", skipHeld: true, includeEventsAboutUser: true }))],
  ["a request for all workspaces, of nobody", ({ ada }) => ada.workflow.requestPerson("nobody", "GDPR")],
  ["its approval", ({ ben }, { person }) => ben.workflow.approve(person!, "T-3")],
  ["the requests for all workspaces", ({ ben }) => ben.workflow.requests({ workspace_id: "00000000-0000-0000-0000-000000000000" })],
  ["a request to off-board", async ({ ada }, memory) => (memory.offboarding = await ada.workflow.requestOffboarding(ACME, "contract ended", "ticket 9"))],
  ["a request to off-board no workspace", ({ ada }) => ada.workflow.requestOffboarding("00000000-0000-0000-0000-000000000000", "contract ended")],
  ["an off-boarding without export", ({ ben }, { offboarding }) => ben.workflow.approve(offboarding!, "T-4")],
  ["an execution of nothing", ({ ada }) => ada.workflow.execute(STRANGER)],
  ["what retention does", ({ ada }) => ada.retention.explain(ACME)],
  ["the policies", ({ ada }) => ada.retention.policies()],
  ["an erasure elsewhere", ({ ada }) => ada.deleteUserAuditEventsCompliant({ userId: STRANGER, workspaceId: ELSEWHERE, authority: "GDPR", approvalTicketId: "T-2" })],
  ["the archive", ({ operator }) => operator.archiveAuditEvents()],
  ["the partitions", ({ operator }) => operator.partitions()],
  ["the health", async ({ operator }) => (await operator.health()).map(({ check_name, status }) => ({ check_name, status }))],
  ["the figures", async ({ operator }) => (await operator.metrics()).map(({ metric, labels, kind, help }) => ({ metric, labels, kind, help }))],
  // Where a request over HTTP came from, only HTTP tells.
  ["the trail afterwards", async ({ ada }) => (await ada.page(ACME)).map((event) => ({ ...event, ip_address: null, user_agent: null }))],
];

async function all<T>(events: AsyncIterable<T>) {
  const found: T[] = [];
  for await (const event of events) found.push(event);
  return found;
}

/** Ids, digests and times differ from run to run; that they are such does not. */
const FIXED = new Set<string>([ACME, ADA, BEN, SUBJECT, STRANGER, ELSEWHERE]);
const normal = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value ?? null)
      .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => (FIXED.has(id) ? id : "<id>"))
      .replace(/[0-9a-f]{64}/g, "<digest>")
      .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.\d]*(Z|[+-]\d\d:\d\d)?/g, "<time>"),
    (key, inner) => (key === "requested_by_role_oid" ? "<oid>" : inner),
  );

async function outcome(run: () => Promise<unknown>) {
  try {
    return { answer: normal(await run()) };
  } catch (error) {
    if (!(error instanceof AuditError)) throw error;
    const { code, constraint, status, message, detail, hint } = error;
    return { refused: normal({ code, constraint, status, message, detail, hint }) };
  }
}

test(`the same ${CALLS.length} calls over ${SEAMS.join(", ")}: the same rows, the same errors`, async () => {
  const found: Record<string, Record<string, unknown>> = {};
  for (const seam of SEAMS) {
    const memory: Memory = {};
    found[seam] = {};
    for (const [what, run] of CALLS) found[seam]![what] = await outcome(() => run(seams[seam], memory));
  }
  for (const seam of SEAMS.slice(1)) {
    for (const [what] of CALLS) assert.deepEqual(found[seam]![what], found.pg![what], `${what} over ${seam}`);
  }
  const refused = Object.values(found.pg!).filter((one) => "refused" in (one as object));
  assert.equal(refused.length, 32);
  // Alike is not enough: they find what was recorded.
  const answers = (what: string) => (found.pg![what] as { answer: any }).answer;
  assert.equal(answers("a search by all that describes an event").length, 1);
  assert.equal(answers("an event with a key, twice"), true);
  assert.equal(answers("a search by request").length, 1);
  const { hot_retention_days, warm_archive_days, requires_approval } = answers("a part of that policy");
  assert.deepEqual({ hot_retention_days, warm_archive_days, requires_approval }, { hot_retention_days: 500, warm_archive_days: 800, requires_approval: true });
  assert.equal((found.pg!["a policy that changes nothing"] as any).refused.message, "a policy needs something to change");
  assert.equal(answers("a search, page by page").length, 4);
  assert.deepEqual(answers("a search in a workspace of others"), []);
  assert.deepEqual(answers("a count"), { event_count: 4, is_exact: true });
  assert.equal(answers("a count that stops"), "1+");
  assert.deepEqual(answers("a count in a workspace of others"), { event_count: 0, is_exact: true });
  assert.deepEqual(
    (found.pg!["no member of the workspace"] as any).refused.constraint,
    "check_audit_workspace_membership",
  );
});

test("a workspace's key that is no UUID has one id: over every driver, and in the events of a tracked table", async () => {
  const ids = await Promise.all([seams.pg, seams.postgres, seams.supabase].map(({ writer }) => writer.resourceId("workspace", "4711")));
  assert.equal(new Set(ids).size, 1);
  const query = owner("seam_pg");
  await query("CREATE TABLE invoice (id bigint PRIMARY KEY, company bigint)");
  await query("SELECT audit_track_table('invoice', 'company')");
  await query("INSERT INTO invoice VALUES (1, 4711)");
  const events = await query("SELECT workspace_id, metadata -> 'workspace_key' AS key FROM audit_events WHERE resource_type = 'invoice'");
  assert.deepEqual(events, [{ workspace_id: ids[0], key: { company: 4711 } }]);
});

test("a running PostgREST knows the functions as soon as the extension is set up", async () => {
  const query = owner("empty");
  const waiting = await startPostgrest("empty");
  const bearer = await token(SUBJECT, { role: "audit_writer" });
  const ask = async () => {
    const headers = { authorization: `Bearer ${bearer}`, "content-type": "application/json" };
    const body = JSON.stringify({ p_action_type: "A", p_resource_type: "r", p_workspace_id: ACME, p_created_by_user_id: SUBJECT });
    return (await fetch(`${waiting}/rest/v1/rpc/insert_audit_event`, { method: "POST", headers, body })).status;
  };
  assert.equal(await ask(), 404);
  // In one transaction, as a migration does it.
  await query("BEGIN; CREATE EXTENSION audit_ext; SELECT audit_grant('audit_gateway', 'gateway'), audit_grant('audit_writer', 'writer'); COMMIT");
  await until(async () => (await ask()) === 200, "it finds the function");
});

test("the guide's audit client, archive, partitions and erasure run as they are against PostgREST", async () => {
  process.env.NEXT_PUBLIC_SUPABASE_URL = url;
  process.env.SUPABASE_SERVICE_ROLE_KEY = key;
  const folder = new URL("../guide/", import.meta.url).href;
  const [audit, archive, partitions, erasure] = await Promise.all(
    ["audit-client", "archive-audit", "create-partitions", "delete-user-gdpr"].map((name) => import(`${folder}${name}.mjs`)),
  );
  for (const task of cron.getTasks().values()) task.stop();
  const member = { createdByUserId: BEN, workspaceId: ACME };
  const id = await audit.logAuditEvent({ actionType: "SWITCH", resourceType: "workspace", resourceId: ACME, ...member });
  assert.match(id, /^[0-9a-f-]{36}$/);
  const trail = await audit.getAuditTrail(ACME, { resourceType: "workspace" });
  assert.equal(trail[0].id, id);
  await assert.rejects(audit.logAuditEvent({ actionType: "", resourceType: "workspace", resourceId: ACME, ...member }), { code: "23514" });
  const [run] = await archive.archiveAuditEvents();
  assert.equal(run.archived_count, run.deleted_count);
  await partitions.createNextMonthPartition();
  const request = { userId: STRANGER, workspaceId: ELSEWHERE, authority: "GDPR", approvalTicketId: "T-3" };
  const erased = await erasure.deleteUserAuditEventsCompliant(request);
  assert.deepEqual({ ...erased, deletionLogId: "" }, { deletedCount: 0, deletionLogId: "", authority: "GDPR" });
});

test("PostgREST: a forgotten action is a named 400; nobody, a role that was not granted, changes of events", async () => {
  const supabase = createClient(url, key);
  const forgotten = await supabase.rpc("insert_audit_event", { p_resource_type: "x", p_workspace_id: ACME });
  assert.equal(forgotten.status, 400);
  assert.match(`${forgotten.error!.message} ${forgotten.error!.details}`, /check_action_type_not_empty/);
  assert.equal((await createClient(url, await token(ADA, { role: "postgres" })).rpc("audit_health")).status, 403);
  assert.equal((await createClient(url, await token(ADA, { role: "anon" })).rpc("audit_health")).status, 401);
  assert.equal((await createClient(url, await token(ADA, { role: "audit_reader" }, { expires: 1 })).rpc("audit_health")).status, 401);
  assert.equal((await supabase.from("audit_events").update({ action_type: "X" }).eq("workspace_id", ACME)).status, 403);
  assert.equal((await supabase.from("audit_events").delete().eq("workspace_id", ACME)).status, 403);
  const sub = await createClient(url, await token(BEN, { role: "audit_writer" })).rpc("insert_audit_event", { p_action_type: "X", p_resource_type: "y", p_workspace_id: ACME });
  const [row] = await owner("seam_supabase")("SELECT created_by_user_id FROM audit_events WHERE id = $1", [sub.data]);
  assert.equal(row.created_by_user_id, BEN);
});
