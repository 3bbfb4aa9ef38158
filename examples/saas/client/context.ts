import { AsyncLocalStorage } from "node:async_hooks";

/** For whom a call is made. What is missing, the database takes for unknown. */
export interface Caller {
  /** The database role of the duty, set for the length of one transaction (over pg and postgres.js). */
  role?: string;
  userId?: string;
  workspaceId?: string;
  requestId?: string;
  ipAddress?: string;
  userAgent?: string;
}

const callers = new AsyncLocalStorage<Caller>();

/** The caller of the request that this code runs for. */
export const currentCaller = (): Caller | undefined => callers.getStore();

export const runAs = <T>(caller: Caller, run: () => T): T => callers.run(caller, run);

/**
 * The client's address. Each proxy appends whom it was asked by to x-forwarded-for, so only as many hops from the right
 * are to be believed as there are proxies of one's own; the first one is the client's to write.
 */
export function clientAddress(forwardedFor: string | null | undefined, peer: string | undefined, trustedProxies: number) {
  // An unknown peer keeps its place: without it one hop too many would be believed.
  const hops = [...(forwardedFor?.split(",").map((hop) => hop.trim()).filter(Boolean) ?? []), peer];
  const address = hops[Math.max(0, hops.length - 1 - trustedProxies)];
  return address?.replace(/^::ffff:/, "");
}

/** What headers tell of a request; who asks is for the application to say, never for a header. */
export function callerOf(header: (name: string) => string | undefined, peer: string | undefined, trustedProxies = 0): Caller {
  return {
    ipAddress: clientAddress(header("x-forwarded-for"), peer, trustedProxies),
    userAgent: header("user-agent"),
    requestId: header("x-request-id"),
  };
}

interface Options<Request> {
  userId: (request: Request) => string | undefined;
  workspaceId?: (request: Request) => string | undefined;
  trustedProxies?: number;
}

interface ExpressRequest {
  headers: Record<string, string | string[] | undefined>;
  socket: { remoteAddress?: string };
}

/** Middleware for Express, Connect and Fastify (middie). */
export function auditContext<R extends ExpressRequest>(options: Options<R>) {
  return (request: R, _response: unknown, next: () => void) => {
    // Of one that was sent several times, Node gives a list, or one text with commas.
    const header = (name: string) => [request.headers[name] ?? []].flat().join(", ") || undefined;
    runAs(forRequest(request, header, request.socket.remoteAddress, options), next);
  };
}

/** A route handler with a context, for Next's `export const POST = withAuditContext(options, handler)` and edge functions. */
export function withAuditContext<Rest extends unknown[]>(
  options: Options<Request>,
  handler: (request: Request, ...rest: Rest) => Promise<Response>,
) {
  return (request: Request, ...rest: Rest) => {
    const header = (name: string) => request.headers.get(name) ?? undefined;
    return runAs(forRequest(request, header, undefined, options), () => handler(request, ...rest));
  };
}

function forRequest<R>(request: R, header: (name: string) => string | undefined, peer: string | undefined, options: Options<R>): Caller {
  const { userId, workspaceId, trustedProxies } = options;
  return { ...callerOf(header, peer, trustedProxies), userId: userId(request), workspaceId: workspaceId?.(request) };
}
