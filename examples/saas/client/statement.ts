import type { Caller } from "./context.ts";
import { AuditError } from "./errors.ts";

/** What each function answers: one value or record, values, rows, or nothing. No other function is ever called. */
export const FUNCTIONS = {
  insert_audit_event: "one",
  insert_audit_events: "values",
  get_audit_trail: "rows",
  search_audit_events: "rows",
  count_audit_events: "one",
  audit_event_proof: "one",
  audit_resource_id: "one",
  request_audit_deletion: "one",
  request_audit_person_deletion: "one",
  request_audit_purge: "one",
  request_audit_offboarding: "one",
  approve_audit_deletion: "one",
  execute_audit_deletion: "one",
  reject_audit_deletion: "nothing",
  delete_user_audit_events_compliant: "one",
  purge_expired_audit_events: "one",
  audit_scrub: "nothing",
  audit_deletion_certificate: "one",
  place_audit_hold: "one",
  release_audit_hold: "nothing",
  explain_audit_retention: "rows",
  archive_old_audit_events: "rows",
  restore_audit_events: "one",
  create_monthly_audit_partition: "rows",
  audit_health: "rows",
  audit_metrics: "rows",
} as const;

/** Tables that are read by equality of columns, and what their newest rows are known by. */
export const TABLES = {
  audit_deletion_requests: "requested_at",
  audit_legal_holds: "placed_at",
  audit_retention_policies: "created_at",
} as const;

export type Name = keyof typeof FUNCTIONS | keyof typeof TABLES | typeof SAVE_POLICY;
export type Args = Record<string, unknown>;

/** Changes what is given of a workspace's policy, or inserts it where there is none. */
export const SAVE_POLICY = "save_audit_retention_policy";

/** What is given of a policy, but for its workspace. */
export function policyChanges({ workspace_id: _, ...given }: Args): Args {
  const changes = Object.entries(given).filter(([, value]) => value !== undefined);
  if (changes.length === 0) throw new AuditError("a policy needs something to change", "22023", undefined, undefined, undefined, 400);
  return Object.fromEntries(changes);
}

export const MOST_ROWS = 1000;

export const isTable = (name: Name): name is keyof typeof TABLES => Object.hasOwn(TABLES, name);

/** Functions that answer with as many lines as there are events. */
export const LINES = ["export_audit_events", "export_person_audit_events"] as const;
export type LinesName = (typeof LINES)[number];

export interface Statement {
  text: string;
  values: unknown[];
}

/** Documents: drivers would take a list for an array of PostgreSQL's. */
const DOCUMENTS = new Set(["p_old_values", "p_new_values", "p_metadata", "p_events", "p_contains"]);
/** Times stay text on the way: a driver would make a date of them, without microseconds and without infinity. */
const TIMES = new Set(["p_from", "p_to"]);
const castOf = (key: string) => (DOCUMENTS.has(key) ? "::text::jsonb" : TIMES.has(key) ? "::text::timestamptz" : "");
const COLUMN = /^[a-z_]+$/;

/** Sets role and context for one transaction. All of it, always: a pooled connection has had other callers. */
export function contextStatement(caller: Caller): Statement {
  const settings: Record<string, string | undefined> = {
    "audit_ext.user_id": caller.userId,
    "audit_ext.workspace_id": caller.workspaceId,
    "audit_ext.request_id": caller.requestId,
    "audit_ext.ip_address": caller.ipAddress,
    "audit_ext.user_agent": caller.userAgent,
    role: caller.role ?? "none",
  };
  const names = Object.keys(settings);
  return {
    text: `SELECT ${names.map((name, place) => `set_config('${name}', $${place + 1}, true)`).join(", ")}`,
    values: names.map((name) => settings[name] ?? ""),
  };
}

/** The arguments that are given, as names and as what drivers send. */
function argumentsOf(args: Args) {
  const given = Object.entries(args).filter(([, value]) => value !== undefined);
  const bad = given.find(([key]) => !COLUMN.test(key));
  if (bad) throw new AuditError(`no argument is called ${bad[0]}`, "22023", undefined, undefined, undefined, 400);
  const values = given.map(([key, value]) => (DOCUMENTS.has(key) && value !== null ? JSON.stringify(value) : value));
  return { keys: given.map(([key]) => key), values };
}
const place = (index: number) => `$${index + 1}`;

/** A call by named arguments, to stand in a statement. */
export function callOf(name: Name | LinesName, args: Args): Statement {
  if (!Object.hasOwn(FUNCTIONS, name) && !LINES.includes(name as LinesName)) {
    throw new AuditError(`the audit trail has no function ${name}`, "42883", undefined, undefined, undefined, 400);
  }
  const { keys, values } = argumentsOf(args);
  const named = keys.map((key, index) => `${key} => ${place(index)}${castOf(key)}`);
  return { text: `${name}(${named.join(", ")})`, values };
}

/**
 * UPDATE comes first: ON CONFLICT would check the row to be inserted, defaults and all, before it looks for the one that is there. ON CONFLICT
 * stays for a row that somebody else inserts meanwhile.
 */
function savingStatement(keys: string[], changed: string[]) {
  const places = keys.map((_, index) => place(index));
  const set = (value: (key: string) => string) => changed.map((key) => `${key} = ${value(key)}`).join(", ");
  return `WITH updated AS (
      UPDATE audit_retention_policies AS policy SET ${set((key) => places[keys.indexOf(key)]!)}
      WHERE workspace_id = ${places[keys.indexOf("workspace_id")]} RETURNING to_json(policy) AS answer
    ), inserted AS (
      INSERT INTO audit_retention_policies AS policy (${keys.join(", ")}) SELECT ${places.join(", ")} WHERE NOT EXISTS (SELECT FROM updated)
      ON CONFLICT (workspace_id) DO UPDATE SET ${set((key) => `EXCLUDED.${key}`)} RETURNING to_json(policy) AS answer
    )
    SELECT answer FROM updated UNION ALL SELECT answer FROM inserted`;
}

export function statementOf(name: Name, args: Args): Statement {
  const { keys, values } = argumentsOf(args);
  if (isTable(name)) {
    const where = keys.map((key, index) => `${key} = ${place(index)}`).join(" AND ") || "true";
    const order = TABLES[name];
    const rows = `SELECT * FROM ${name} WHERE ${where} ORDER BY ${order} DESC LIMIT ${MOST_ROWS}`;
    return { text: `SELECT coalesce(json_agg(found), '[]') AS answer FROM (${rows}) AS found`, values };
  }
  if (name === SAVE_POLICY) {
    return { text: savingStatement(keys, Object.keys(policyChanges(args))), values };
  }
  const { text: call } = callOf(name, args);
  switch (FUNCTIONS[name as keyof typeof FUNCTIONS]) {
    case "one":
      return { text: `SELECT to_json(${call}) AS answer`, values };
    case "values":
      return { text: `SELECT coalesce(json_agg(answered), '[]') AS answer FROM ${call} AS answered`, values };
    case "rows":
      return { text: `SELECT coalesce(json_agg(answered), '[]') AS answer FROM (SELECT * FROM ${call}) AS answered`, values };
    case "nothing":
      return { text: `SELECT NULL AS answer FROM ${call}`, values };
  }
}
