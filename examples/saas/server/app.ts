import type { createAuditClient } from "@audit-ext/client";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { secureHeaders } from "hono/secure-headers";
import { authenticate, demandLocalHost, type Env, type KeyOptions, levelsOf, type Principal, verifier } from "./auth.ts";
import { DOWNLOADS, type DownloadLimits, downloads } from "./download.ts";
import { answerError, Refusal } from "./http.ts";
import { compliance } from "./routes/compliance.ts";
import { events } from "./routes/events.ts";
import { operations } from "./routes/operations.ts";
import { type Names, session } from "./routes/session.ts";

export interface AppOptions {
  client: ReturnType<typeof createAuditClient>;
  keys: KeyOptions;
  /** Who asks without a token, from this machine only; for development. */
  fixed?: Principal;
  /** How many proxies of one's own append to x-forwarded-for. */
  trustedProxies?: number;
  /** Of files that are being downloaded. */
  downloadLimits?: Partial<DownloadLimits>;
  /** What ids of workspaces and people are called in the console. */
  names?: Names;
  /** The console's files: path, content type and content. */
  files?: Map<string, { type: string; content: string }>;
}

/** The API and the console as one fetch handler: for Node, Next's route handlers or an edge function. */
export function createApp(options: AppOptions) {
  const { client, keys, fixed, trustedProxies = 0, downloadLimits, names = NAMELESS, files = new Map() } = options;
  const verify = verifier(keys);
  const download = downloads({ ...DOWNLOADS, ...downloadLimits });
  const allow = levelsOf(client, trustedProxies);
  const app = new Hono<Env>();
  app.onError(answerError);
  app.notFound((c) => c.json({ error: "not_found", message: "There is nothing here." }, 404));
  app.use(secureHeaders({ contentSecurityPolicy: POLICY, xFrameOptions: "DENY", referrerPolicy: "no-referrer" }));
  if (fixed) app.use(demandLocalHost);
  app.use("/api/*", bodyLimit({ maxSize: 1 << 20, onError: tooLarge }), async (c, next) => {
    await next();
    c.res.headers.set("Cache-Control", "no-store");
  });
  app.route("/api/session", session(verify, names));
  app.use("/api/*", authenticate(verify, fixed));
  app.route("/api/audit", events(allow, download));
  app.route("/api/admin", operations(allow));
  app.route("/api/admin", compliance(allow, download));
  for (const [path, { type, content }] of files) {
    app.get(path, (c) => c.body(content, 200, { "Content-Type": type }));
  }
  return app;
}

const NAMELESS: Names = { workspaces: {}, people: {} };

const POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  connectSrc: ["'self'"],
  imgSrc: ["'self'", "data:"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
};

function tooLarge(c: Context): never {
  // What comes after it on this connection would be the rest of the body.
  c.header("Connection", "close");
  throw new Refusal(413, "too_large", "The body is larger than 1 MB.");
}
