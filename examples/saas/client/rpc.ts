import { type Caller, currentCaller } from "./context.ts";
import { AuditError, toAuditError } from "./errors.ts";
import { type Lines, linesOf, noLines, type Reserved } from "./lines.ts";
import { type Args, contextStatement, isTable, MOST_ROWS, type Name, policyChanges, SAVE_POLICY, statementOf, TABLES } from "./statement.ts";

/** The one seam: calls a function by named arguments, or reads a table by equal columns, for a caller. */
export interface Rpc {
  (name: Name, args: Args, caller?: Caller): Promise<unknown>;
  /** Streams exports, where the connection can. */
  lines?: Lines;
}

// ---- pg and postgres.js -------------------------------------------------------------------------------------------------

interface PgClient {
  query(text: string, values?: unknown[]): Promise<{ rows: any[]; command: string }>;
  release(destroy?: boolean): void;
  on(event: "error", listener: (error: Error) => void): unknown;
  off(event: "error", listener: (error: Error) => void): unknown;
}
interface PgPool<C extends PgClient = PgClient> {
  connect(): Promise<C>;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** A connection of the pool, and what gives it back. It may break between two queries, where nobody waits for its answer: the next query tells. */
async function taken<C extends PgClient>(pool: PgPool<C>) {
  const client = await pool.connect();
  const unheard = () => {};
  client.on("error", unheard);
  const release = (isBroken: boolean) => {
    client.off("error", unheard);
    client.release(isBroken);
  };
  return { client, release };
}

/** One transaction under a caller's role and context: for the application's own statements on captured tables. */
export async function withAudit<C extends PgClient, T>(pool: PgPool<C>, caller: Caller, run: (client: C) => Promise<T>): Promise<T> {
  const { client, release } = await taken(pool);
  let broken = false;
  try {
    await client.query("BEGIN");
    const { text, values } = contextStatement(caller);
    await client.query(text, values);
    const result = await run(client);
    // Of a transaction in which a statement failed, COMMIT is no error: it rolls back.
    const { command } = await client.query("COMMIT");
    if (command === "ROLLBACK") {
      throw new AuditError("the transaction was rolled back: a statement in it had failed", "25P02", undefined, undefined, undefined, 500);
    }
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => (broken = true));
    throw error;
  } finally {
    release(broken);
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
    const { client, release } = await taken(pool);
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
  if (name === SAVE_POLICY) return savePolicy(client, args);
  if (!isTable(name)) return client.rpc(name, args);
  return client.from(name).select().match(args).order(TABLES[name], { ascending: false }).limit(MOST_ROWS);
}

/** UPDATE comes first, as in SQL; upsert is for a policy that somebody else inserts meanwhile. */
async function savePolicy(client: { from: any }, args: Args): Promise<Answer> {
  const policies = () => client.from("audit_retention_policies");
  const updated = await policies().update(policyChanges(args)).eq("workspace_id", args.workspace_id).select();
  if (updated.error) return updated;
  return updated.data.length > 0 ? { ...updated, data: updated.data[0] } : policies().upsert(args).select().single();
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
