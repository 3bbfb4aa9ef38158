import type { Context } from "hono";
import type { Env } from "./auth.ts";
import { Refusal } from "./http.ts";

// A download is a transaction that stays open while somebody reads: it takes a connection of the pool, and no event after it is sealed. So there are few at a time,
// and one whose reader takes nothing is cut off. What was read is recorded either way; a file that was cut off lacks its end.

export interface DownloadLimits {
  /** At a time, of all and of one person. */
  most: number;
  mostOfOne: number;
  /** How long a reader may take over a piece of 64 KB, and over the whole. */
  pieceSeconds: number;
  wholeSeconds: number;
}

export const DOWNLOADS: DownloadLimits = { most: 4, mostOfOne: 2, pieceSeconds: 30, wholeSeconds: 3600 };

/** What a file of lines is called and how its lines end. */
export const FILES = {
  ndjson: { type: "application/x-ndjson", end: "\n" },
  csv: { type: "text/csv", end: "\r\n" },
} as const;
export type FileKind = keyof typeof FILES;

export type Download = (c: Context<Env>, lines: AsyncGenerator<string>, name: string, kind: FileKind) => Promise<Response>;

/** Makes what answers with a file of lines, as fast as they are read. */
export function downloads(limits: DownloadLimits): Download {
  const readers: string[] = [];
  const enter = (person: string) => {
    const own = readers.filter((one) => one === person).length;
    if (readers.length >= limits.most || own >= limits.mostOfOne) {
      throw new Refusal(429, "too_many_downloads", "Too many downloads are under way.", "Wait for one of them to end.");
    }
    readers.push(person);
    let isIn = true;
    return () => {
      if (isIn) readers.splice(readers.indexOf(person), 1);
      isIn = false;
    };
  };
  return async (c, lines, name, kind) => {
    // What HEAD asks for would be recorded, and never read.
    if (c.req.method === "HEAD") throw new Refusal(405, "method_not_allowed", "A download takes no HEAD.");
    const leave = enter(c.get("principal").userId);
    const pieces = inPieces(lines, FILES[kind].end);
    try {
      // Whatever the database refuses, it refuses before the first line.
      const first = await pieces.next();
      c.header("Content-Type", `${FILES[kind].type}; charset=utf-8`);
      c.header("Content-Disposition", `attachment; filename="${name}.${kind}"`);
      return c.body(streamOf(first, pieces, limits, leave, () => c.env?.outgoing?.destroy()));
    } catch (error) {
      leave();
      throw error;
    }
  };
}

const PIECE = 1 << 16;

async function* inPieces(lines: AsyncGenerator<string>, end: string) {
  let piece = "";
  for await (const line of lines) {
    piece += line + end;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = "";
  }
  if (piece) yield piece;
}

function streamOf(
  first: IteratorResult<string>,
  pieces: AsyncGenerator<string>,
  { pieceSeconds, wholeSeconds }: DownloadLimits,
  leave: () => void,
  hangUp: () => void,
) {
  const encoder = new TextEncoder();
  const report = (error: unknown) => console.error("a download failed:", error);
  let isClosed = false;
  /** Ends the transaction, and lets the next one in only then. */
  const close = async () => {
    isClosed = true;
    clearTimeout(whole);
    clearTimeout(turn);
    await pieces.return(undefined).catch(report);
    leave();
  };
  const cutOff = () => {
    hangUp();
    // Not every runtime has a connection to hang up.
    stream.error(new Error("cut off: it was not read in time"));
    void close();
  };
  const whole = setTimeout(cutOff, wholeSeconds * 1000);
  let turn = setTimeout(cutOff, pieceSeconds * 1000);
  let next: IteratorResult<string> | undefined = first;
  let stream: ReadableStreamDefaultController<Uint8Array>;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        stream = controller;
      },
      async pull(controller) {
        clearTimeout(turn);
        try {
          const { done, value } = next ?? (await pieces.next());
          next = undefined;
          if (isClosed) return;
          if (!done) {
            turn = setTimeout(cutOff, pieceSeconds * 1000);
            return controller.enqueue(encoder.encode(value));
          }
          await close();
          controller.close();
        } catch (error) {
          report(error);
          await close();
          controller.error(error);
          hangUp();
        }
      },
      cancel: close,
    },
    { highWaterMark: 0 },
  );
}
