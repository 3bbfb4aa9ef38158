import { useCallback, useEffect, useRef, useState } from "react";
import type { Names } from "../server/routes/session.ts";

export type { Names };

export interface Me {
  userId: string;
  levels: string[];
  names: Names;
}

/** What the API refused, in the database's words. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly detail?: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

/** The session is in a cookie that no script sees; the browser sends it along. */
async function send(method: string, path: string, body?: unknown): Promise<Response> {
  const response = await fetch(`/api${path}`, { method, body: body === undefined ? undefined : JSON.stringify(body) }).catch(() => {
    throw new ApiError(0, "The server cannot be reached.");
  });
  if (response.ok) return response;
  const answer = await response.json().catch(() => null);
  throw new ApiError(response.status, answer?.message ?? `The server answered ${response.status}.`, answer?.detail, answer?.hint);
}

export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await send(method, path, body);
  if (response.status === 204) return null as T;
  return response.json().catch(() => {
    throw new ApiError(0, "The answer was cut off.", undefined, "Try again.");
  });
}

/** Saves what a call answers as a file, once all of it is there. */
export async function save(method: string, path: string, body: unknown, name: string) {
  const response = await send(method, path, body);
  const file = await response.blob().catch(() => {
    throw new ApiError(0, "The file was cut off.", undefined, "Ask for it again.");
  });
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** What a path answers, anew whenever it changes and every so many seconds; null asks for nothing. */
export function useLoaded<T>(path: string | null, everySeconds?: number) {
  const [state, setState] = useState<{ path?: string | null; data?: T; error?: ApiError }>({});
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (path === null) return;
    let isCurrent = true;
    const load = () =>
      call<T>("GET", path).then(
        (data) => isCurrent && setState({ path, data }),
        // What was loaded of this path stays shown; of another path it would pass for this one's.
        (error) => isCurrent && setState((before) => ({ ...(before.path === path ? before : {}), path, error })),
      );
    load();
    const timer = everySeconds === undefined ? undefined : setInterval(load, everySeconds * 1000);
    return () => {
      isCurrent = false;
      clearInterval(timer);
    };
  }, [path, turn, everySeconds]);
  const { data, error } = state.path === path ? state : {};
  return { data, error, reload: useCallback(() => setTurn((before) => before + 1), []) };
}

export interface Outcome {
  text: string;
  error?: ApiError;
}

/** Something that is done once, and what became of it. */
export function useAction() {
  const [outcome, setOutcome] = useState<Outcome>();
  const [isBusy, setBusy] = useState(false);
  const newest = useRef(0);
  const run = async (deed: () => Promise<string>) => {
    const turn = ++newest.current;
    setBusy(true);
    setOutcome(undefined);
    const outcome = await deed().then(
      (text): Outcome => ({ text }),
      (thrown): Outcome => {
        if (!(thrown instanceof ApiError)) console.error(thrown);
        const error = thrown instanceof ApiError ? thrown : new ApiError(0, "Something in this page went wrong.", String(thrown));
        return { text: error.message, error };
      },
    );
    // What was begun before the newest deed and ends after it says nothing any more.
    if (turn !== newest.current) return;
    setOutcome(outcome);
    setBusy(false);
  };
  return { run, isBusy, outcome };
}

/** The fields of a form as they were filled in; what was left empty is undefined. */
export function filled(form: HTMLFormElement): Record<string, string | undefined> {
  const entries = [...new FormData(form)].map(([name, value]) => [name, String(value).trim() || undefined]);
  return Object.fromEntries(entries);
}
