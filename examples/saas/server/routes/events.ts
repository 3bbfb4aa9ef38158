import type { AuditEvent, AuditEventPayload, SearchFilters } from "@audit-ext/client";
import { type Context, Hono } from "hono";
import { type Allow, type Env, isUuid, type Principal, recording } from "../auth.ts";
import type { Download, FileKind } from "../download.ts";
import { fields, fieldsOf, jsonBody, Refusal } from "../http.ts";

const FIELDS = [
  "actionType", "resourceType", "resourceId", "workspaceId", "createdByUserId", "oldValues", "newValues",
  "ipAddress", "userAgent", "tags", "metadata", "requestId", "idempotencyKey",
] as const satisfies (keyof AuditEventPayload)[];

/** An event is its sender's, unless the sender is the application's own back end. */
function eventOf(value: unknown, principal: Principal): AuditEventPayload {
  const event = fieldsOf(value, FIELDS);
  const actor = event.createdByUserId;
  if (actor != null && !isUuid(actor)) throw new Refusal(400, "bad_request", "createdByUserId is no UUID.");
  if (actor != null && actor.toLowerCase() !== principal.userId.toLowerCase() && !principal.isService) {
    throw new Refusal(403, "forbidden", "createdByUserId is somebody else.", "Leave it out, or use a token with audit_service.");
  }
  return event;
}

const numberOf = (text: string | undefined) => (text ? Number(text) : undefined);

function trailOptions(c: Context) {
  const { workspaceId, resourceType, resourceId, daysBack, limit, before } = c.req.query();
  return {
    workspaceId: workspaceId ?? "",
    options: { resourceType, resourceId, daysBack: numberOf(daysBack), limit: numberOf(limit), beforeEventId: before },
  };
}

const TEXTS = ["from", "to", "resourceId", "requestId", "ipAddress", "changedField", "text"] as const;
const LISTS = ["userIds", "actions", "resourceTypes", "tags"] as const;
const PAGING = ["workspaceId", "contains", "limit", "before", "upTo"];

/** The filters of an address: a list is a key several times. A key that nobody knows would find too much, and is refused. */
function searchOf(c: Context, others = PAGING) {
  const given = c.req.queries();
  fieldsOf(given, [...TEXTS, ...LISTS, ...others]);
  const filled = (key: string) => given[key]?.filter((value) => value !== "") ?? [];
  const filters: SearchFilters = {};
  for (const key of TEXTS) filters[key] = filled(key)[0];
  for (const key of LISTS) filters[key] = filled(key).length > 0 ? filled(key) : undefined;
  const [contains] = filled("contains");
  if (contains !== undefined) filters.contains = documentOf(contains);
  return { workspaceId: filled("workspaceId")[0] ?? "", filters, before: filled("before")[0] };
}

function documentOf(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, "bad_request", "contains is not JSON.");
  }
}

/** The days that a search without a beginning goes back; its file has the same events. */
const DAYS = 30;
const DAY = 86_400_000;

/** As many as get_audit_trail() gives at once. */
const MOST_IN_CSV = 10_000;

/** Recording and reading. */
export function events(allow: Allow, download: Download) {
  const reader = allow("reader", "operator", "compliance");
  const file = (kind: FileKind) => (c: Context<Env>) => {
    const { workspaceId, filters } = searchOf(c, ["workspaceId", "contains"]);
    const from = filters.from ?? new Date(Date.now() - DAYS * DAY);
    const lines = c.get("audit").exportLines(workspaceId, { ...filters, from }, kind === "csv" ? "csv_safe" : kind);
    return download(c, lines, "audit-events", kind);
  };
  return new Hono<Env>()
    .post("/log", allow("writer"), async (c) => {
      const id = await c.get("audit").log(eventOf(await fields(c, FIELDS), c.get("principal")));
      return c.json({ id }, 201);
    })
    .post("/batch", allow("writer"), async (c) => {
      const list = await jsonBody(c);
      if (!Array.isArray(list)) throw new Refusal(400, "bad_request", "The body is not a list of events.");
      const ids = await c.get("audit").logMany(list.map((one) => eventOf(one, c.get("principal"))));
      return c.json({ ids }, 201);
    })
    .get("/trail", reader, async (c) => {
      const { workspaceId, options } = trailOptions(c);
      const limit = options.limit ?? 100;
      const found = await c.get("audit").page(workspaceId, { ...options, limit });
      return c.json({ events: found, next: found.length < limit ? null : found.at(-1)?.id });
    })
    .get("/search", reader, async (c) => {
      const { workspaceId, filters, before } = searchOf(c);
      const limit = numberOf(c.req.query("limit")) ?? 100;
      const found = await c.get("audit").search(workspaceId, { ...filters, limit, beforeEventId: before });
      return c.json({ events: found, next: found.length < limit ? null : found.at(-1)?.id });
    })
    .get("/search.csv", recording, reader, file("csv"))
    .get("/search.ndjson", recording, reader, file("ndjson"))
    .get("/count", reader, async (c) => {
      const { workspaceId, filters } = searchOf(c);
      return c.json(await c.get("audit").count(workspaceId, filters, numberOf(c.req.query("upTo"))));
    })
    .get("/receipts/:id", reader, async (c) => c.json(await c.get("audit").receipt(c.req.param("id"))))
    .get("/trail.csv", reader, async (c) => {
      const { workspaceId, options } = trailOptions(c);
      const found = await c.get("audit").page(workspaceId, { ...options, limit: options.limit ?? MOST_IN_CSV });
      // A file that stops at a limit which nobody asked for would look whole.
      if (options.limit === undefined && found.length === MOST_IN_CSV) {
        throw new Refusal(400, "too_many_events", `The file would end after ${MOST_IN_CSV} events.`, "Ask for /api/audit/search.csv, which has all, or say a limit.");
      }
      c.header("Content-Type", "text/csv; charset=utf-8");
      c.header("Content-Disposition", 'attachment; filename="audit-trail.csv"');
      return c.body(csv(found));
    });
}

const COLUMNS = [
  "created_at", "action_type", "resource_type", "resource_id", "created_by_user_id", "changed_fields", "old_values",
  "new_values", "ip_address", "user_agent", "request_id", "tags", "metadata", "is_archived", "id",
] as const satisfies (keyof AuditEvent)[];

export const csv = (found: AuditEvent[]) =>
  [COLUMNS, ...found.map((event) => COLUMNS.map((column) => event[column]))]
    .map((row) => `${row.map(cell).join(",")}\r\n`)
    .join("");

/** RFC 4180; a cell that a spreadsheet would take for a formula is made text. */
export function cell(value: unknown): string {
  const text = value == null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
