import { type Caller, currentCaller } from "./context.ts";
import { AuditError, toAuditError } from "./errors.ts";
import { type Lines, linesOf, LINES, type LinesName, noLines, type Reserved } from "./lines.ts";

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

/** Inserts a workspace's policy, or changes what is given of it. */
export const SAVE_POLICY = "save_audit_retention_policy";
const MOST_ROWS = 1000;

const isTable = (name: Name): name is keyof typeof TABLES => Object.hasOwn(TABLES, name);

/** The one seam: calls a function by named arguments, or reads a table by equal columns, for a caller. */
export interface Rpc {
  (name: Name, args: Args, caller?: Caller): Promise<unknown>;
  /** Streams exports, where the connection can. */
  lines?: Lines;
}

// ---- pg and postgres.js -------------------------------------------------------------------------------------------------

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

export function statementOf(name: Name, args: Args): Statement {
  const { keys, values } = argumentsOf(args);
  if (isTable(name)) {
    const where = keys.map((key, index) => `${key} = ${place(index)}`).join(" AND ") || "true";
    const order = TABLES[name];
    const rows = `SELECT * FROM ${name} WHERE ${where} ORDER BY ${order} DESC LIMIT ${MOST_ROWS}`;
    return { text: `SELECT coalesce(json_agg(found), '[]') AS answer FROM (${rows}) AS found`, values };
  }
  if (name === SAVE_POLICY) {
    const changes = keys.filter((key) => key !== "workspace_id").map((key) => `${key} = EXCLUDED.${key}`);
    return {
      text: `INSERT INTO audit_retention_policies AS policy (${keys.join(", ")}) VALUES (${keys.map((_, index) => place(index)).join(", ")})
        ON CONFLICT (workspace_id) DO UPDATE SET ${changes.join(", ")} RETURNING to_json(policy) AS answer`,
      values,
    };
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

interface PgClient {
  query(text: string, values?: unknown[]): Promise<{ rows: any[] }>;
  release(destroy?: boolean): void;
  on(event: "error", listener: (error: Error) => void): unknown;
  off(event: "error", listener: (error: Error) => void): unknown;
}
interface PgPool<C extends PgClient = PgClient> {
  connect(): Promise<C>;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** One transaction under a caller's role and context: for the application's own statements on captured tables. */
export async function withAudit<C extends PgClient, T>(pool: PgPool<C>, caller: Caller, run: (client: C) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query("BEGIN");
    const { text, values } = contextStatement(caller);
    await client.query(text, values);
    const result = await run(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => (broken = true));
    throw error;
  } finally {
    client.release(broken);
  }
}

export function overPg(pool: PgPool): Rpc {
  // An idle connection that breaks tells the pool alone; without a listener that ends the process.
  pool.on("error", () => {});
  const rpc = raisingAuditErrors((name, args, caller = currentCaller() ?? {}) => {
    const { text, values } = statementOf(name, args);
    return withAudit(pool, caller, async (client) => (await client.query(text, values)).rows[0]?.answer);
  });
  const reserve = async (): Promise<Reserved> => {
    const client = await pool.connect();
    // It may break between two queries, where nobody waits for its answer; the next query tells.
    const unheard = () => {};
    client.on("error", unheard);
    const release = (isBroken: boolean) => {
      client.off("error", unheard);
      client.release(isBroken);
    };
    return { query: async (text, values) => (await client.query(text, values)).rows, release };
  };
  return Object.assign(rpc, { lines: linesBy(reserve) });
}

const linesBy =
  (reserve: () => Promise<Reserved>): Lines =>
  (name, args, caller = currentCaller() ?? {}) =>
    linesOf(reserve, name, args, caller);

interface PostgresTransaction {
  unsafe(text: string, values?: any[]): PromiseLike<any[]>;
}
interface Postgres {
  begin(run: (transaction: any) => Promise<unknown>): Promise<unknown>;
  reserve(): Promise<PostgresTransaction & { release(): void }>;
}

export function overPostgres(sql: Postgres): Rpc {
  const rpc = raisingAuditErrors((name, args, caller = currentCaller() ?? {}) => {
    const statement = statementOf(name, args);
    return sql.begin(async (transaction: PostgresTransaction) => {
      const context = contextStatement(caller);
      await transaction.unsafe(context.text, context.values);
      return (await transaction.unsafe(statement.text, statement.values))[0]?.answer;
    });
  });
  const reserve = async (): Promise<Reserved> => {
    const connection = await sql.reserve();
    return { query: (text, values) => connection.unsafe(text, values as any[]), release: () => connection.release() };
  };
  return Object.assign(rpc, { lines: linesBy(reserve) });
}

// ---- supabase-js --------------------------------------------------------------------------------------------------------

interface Answer {
  data: unknown;
  error: { message: string; code: string; details: string | null; hint: string | null } | null;
  status: number;
}

/** The caller is whom the client's token names; PostgREST reads it, its role and the headers by itself. */
export function overSupabase(client: { rpc: any; from: any }): Rpc {
  return raisingAuditErrors(async (name, args) => {
    const { data, error, status } = (await ask(client, name, args)) as Answer;
    if (error) throw toAuditError(error, status);
    return data;
  });
}

function ask(client: { rpc: any; from: any }, name: Name, args: Args): PromiseLike<Answer> {
  if (name === SAVE_POLICY) return client.from("audit_retention_policies").upsert(args).select().single();
  if (!isTable(name)) return client.rpc(name, args);
  return client.from(name).select().match(args).order(TABLES[name], { ascending: false }).limit(MOST_ROWS);
}

// ---- both ---------------------------------------------------------------------------------------------------------------

function raisingAuditErrors(rpc: Rpc): Rpc {
  return async (name, args, caller) => {
    try {
      return await rpc(name, args, caller);
    } catch (error) {
      throw toAuditError(error);
    }
  };
}

const READS = new Set<Name>([
  "get_audit_trail", "search_audit_events", "count_audit_events", "audit_event_proof", "audit_resource_id", "explain_audit_retention",
  "audit_health", "audit_metrics",
]);

/**
 * Asks again, three times at most, what certainly did not run, and reads whatever became of them.
 * An event whose answer was lost may have been recorded: it is asked for again only with an idempotency key, which records it once.
 */
export function retrying(rpc: Rpc, pause = (attempt: number) => 50 * 2 ** attempt * (0.5 + Math.random())): Rpc {
  const again: Rpc = async (name, args, caller) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await rpc(name, args, caller);
      } catch (error) {
        const isSafe = error instanceof AuditError && (error.certainlyNotRun || (error.status === 503 && (isRead(name) || isKeyed(name, args))));
        if (!isSafe || attempt === 3) throw error;
        await new Promise((resolve) => setTimeout(resolve, pause(attempt)));
      }
    }
  };
  // Of lines, some may have been read: whoever reads them continues after the last.
  return Object.assign(again, { lines: rpc.lines ?? noLines });
}

const isRead = (name: Name) => READS.has(name) || isTable(name);

/** Whether each event bears a key, so that a second attempt records nothing. */
function isKeyed(name: Name, args: Args) {
  const hasKey = (event: Args) => typeof event.p_idempotency_key === "string";
  if (name === "insert_audit_event") return hasKey(args);
  return name === "insert_audit_events" && Array.isArray(args.p_events) && args.p_events.every(hasKey);
}
