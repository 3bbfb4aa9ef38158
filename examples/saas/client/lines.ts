import type { Caller } from "./context.ts";
import { AuditError, toAuditError } from "./errors.ts";
import { type Args, callOf, contextStatement, type LinesName } from "./statement.ts";

/** The lines of an export, one after the other, for a caller. */
export type Lines = (name: LinesName, args: Args, caller?: Caller) => AsyncGenerator<string, void, undefined>;

/** One connection, for the length of one transaction. */
export interface Reserved {
  query(text: string, values?: unknown[]): PromiseLike<any[]>;
  release(isBroken: boolean): unknown;
}

const MOST_LINES = 1000;
/** About how much of them is held at a time: lines may be long. */
const MOST_CHARACTERS = 4 << 20;

/**
 * Reads by a cursor, so that neither database nor reader holds them all. The transaction commits also when the reader leaves: what was read is recorded.
 * Until then it stays open, and no event that comes after it is sealed: read on, or leave.
 */
export async function* linesOf(reserve: () => PromiseLike<Reserved>, name: LinesName, args: Args, caller: Caller): ReturnType<Lines> {
  const { text, values } = callOf(name, args);
  const connection = await reserving(reserve);
  let last = "COMMIT";
  try {
    await connection.query("BEGIN");
    const context = contextStatement(caller);
    await connection.query(context.text, context.values);
    await connection.query(`DECLARE audit_lines NO SCROLL CURSOR FOR SELECT ${text} AS line`, values);
    for (let size = 10; ; ) {
      const rows = await connection.query(`FETCH ${size} FROM audit_lines`);
      let characters = 1;
      for (const { line } of rows) {
        characters += line.length;
        yield line;
      }
      if (rows.length < size) break;
      size = Math.max(1, Math.min(MOST_LINES, Math.floor((rows.length * MOST_CHARACTERS) / characters)));
    }
  } catch (error) {
    last = "ROLLBACK";
    throw toAuditError(error);
  } finally {
    await ended(connection, last);
  }
}

async function reserving(reserve: () => PromiseLike<Reserved>) {
  try {
    return await reserve();
  } catch (error) {
    throw toAuditError(error);
  }
}

/** An error of COMMIT is the reader's to know: nothing was recorded. One of ROLLBACK follows another, which is told. */
async function ended(connection: Reserved, last: string) {
  let isBroken = false;
  try {
    await connection.query(last);
  } catch (error) {
    isBroken = true;
    if (last === "COMMIT") throw toAuditError(error);
  } finally {
    await connection.release(isBroken);
  }
}

/** PostgREST collects all lines before it answers, and cuts them off at its max-rows. */
export const noLines: Lines = async function* (name) {
  throw new AuditError(
    `${name} cannot be read over this connection`, "0A000", undefined, undefined, "Make the client with overPg() or overPostgres(), or ask the API of the example.", 400,
  );
};
