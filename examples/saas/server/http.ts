import { AuditError } from "@audit-ext/client";
import type { Context, ErrorHandler } from "hono";

/** An answer that is no success: what went wrong in a word that programs read, and in words for people. */
export class Refusal extends Error {
  constructor(
    readonly status: 400 | 401 | 403 | 405 | 413 | 429 | 503,
    readonly error: string,
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

const WORDS: Record<number, string> = { 400: "bad_request", 403: "forbidden", 409: "conflict", 503: "unavailable" };

/** Every error as JSON. What the database refused, it says why; of anything else nothing is told. */
export const answerError: ErrorHandler = (thrown, c) => {
  if (thrown instanceof Refusal) {
    if (thrown.status === 401) c.header("WWW-Authenticate", "Bearer");
    if (thrown.status === 405) c.header("Allow", "GET");
    if (thrown.status === 429) c.header("Retry-After", "30");
    if (thrown.status === 503) c.header("Retry-After", "5");
    return c.json({ error: thrown.error, message: thrown.message, hint: thrown.hint }, thrown.status);
  }
  const status = thrown instanceof AuditError ? thrown.status : 500;
  if (status === 503) c.header("Retry-After", "5");
  if (status >= 500) console.error(thrown);
  if (!(thrown instanceof AuditError) || status === 500) {
    return c.json({ error: "internal", message: "The server's log tells what went wrong." }, 500);
  }
  const { code, constraint, message, detail, hint } = thrown;
  // Of an outage the words may tell where the database is; P0001 is the extension's own.
  if (status === 503 && code !== "P0001") return c.json({ error: WORDS[503], code, message: "The database is not available.", hint }, 503);
  const error = code === "23514" ? "constraint_violation" : WORDS[status];
  return c.json({ error, code, constraint, message, detail, hint }, status as 400 | 403 | 409 | 503);
};

/** The body, read as JSON whatever its content type says: the guide's fetch sends none. */
export async function jsonBody(c: Context): Promise<unknown> {
  try {
    return JSON.parse(await c.req.text());
  } catch {
    throw new Refusal(400, "bad_request", "The body is not JSON.");
  }
}

/** The fields of an object; one that nobody knows is refused rather than lost. */
export function fieldsOf<Field extends string>(value: unknown, known: readonly Field[]): Partial<Record<Field, any>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Refusal(400, "bad_request", "The body is not an object.");
  }
  const unknown = Object.keys(value).find((key) => !known.includes(key as Field));
  if (unknown !== undefined) {
    throw new Refusal(400, "bad_request", `There is no field ${JSON.stringify(unknown)}.`, `Fields: ${known.join(", ")}.`);
  }
  return value;
}

export const fields = async <Field extends string>(c: Context, known: readonly Field[]) => fieldsOf(await jsonBody(c), known);
