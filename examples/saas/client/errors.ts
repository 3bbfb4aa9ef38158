/** What the database, PostgREST or the network answered, in one shape. */
export class AuditError extends Error {
  override name = "AuditError";

  constructor(
    message: string,
    /** SQLSTATE, or PGRST… where PostgREST refused. */
    readonly code: string | undefined,
    readonly constraint: string | undefined,
    readonly detail: string | undefined,
    readonly hint: string | undefined,
    readonly status: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Nothing was done, whatever was asked for, so that it may be asked for again. */
  get certainlyNotRun(): boolean {
    return /^(ECONNREFUSED|ENOENT|53...|57P03|PGRST00[0-3])$/.test(this.code ?? "");
  }
}

/** Its first characters are those of PostgreSQL's classes; EPIPE, of five letters too, is the system's. */
const SQLSTATE = /^[0-9FHPX][0-9A-Z]{4}$/;

/** Of a P0001: a lock or a turn was not to be had, or a node did not answer. Any other is a conflict. */
const TRY_LATER = / (gave up waiting for a lock|waited too long for its turn|did not answer)$|^(another seal|somebody else) is at work/;

/** The HTTP status that a SQLSTATE stands for; of P0001 the message decides. */
export function statusOf(code: string | undefined, message = ""): number {
  if (code === undefined || !SQLSTATE.test(code)) return 503;
  if (code === "23001") return 409;
  if (code === "42501") return 403;
  if (/^(22|23|42)/.test(code) || code === "428C9") return 400;
  if (code === "P0001") return TRY_LATER.test(message) ? 503 : 409;
  if (/^(08|40|53|57)/.test(code)) return 503;
  return 500;
}

interface Raw {
  message?: string;
  code?: string;
  constraint?: string;
  constraint_name?: string;
  detail?: string;
  details?: string | null;
  hint?: string | null;
}

/** PostgREST passes no constraint on, so its name is looked for in the words. */
const CONSTRAINT = /\b(check_[a-z_]+|audit_idempotency_key_unique)\b/;

/** Makes one error of what pg, postgres.js and supabase-js throw or give; `status` is PostgREST's. */
export function toAuditError(thrown: unknown, status?: number): AuditError {
  if (thrown instanceof AuditError) return thrown;
  const raw = (thrown ?? {}) as Raw;
  const detail = raw.detail ?? raw.details ?? undefined;
  const message = raw.message || "the database cannot be reached";
  const named = raw.code?.startsWith("23") ? `${message} ${detail ?? ""}`.match(CONSTRAINT)?.[0] : undefined;
  return new AuditError(
    message,
    raw.code || undefined,
    raw.constraint ?? raw.constraint_name ?? named,
    detail,
    raw.hint ?? undefined,
    statusFor(raw, status),
    { cause: thrown },
  );
}

function statusFor(raw: Raw, status: number | undefined): number {
  if (raw.code?.startsWith("PGRST")) return status || 503;
  // supabase-js gives 0 where the request did not arrive, PostgREST's own answers else say less than the SQLSTATE.
  if (status !== undefined && !SQLSTATE.test(raw.code ?? "")) return status || 503;
  // Of a programme's own mistakes no code tells; they are nobody's outage.
  if (raw.code === undefined && raw instanceof TypeError) return 500;
  return statusOf(raw.code, raw.message);
}
