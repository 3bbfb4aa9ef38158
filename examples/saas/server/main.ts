import { readFileSync } from "node:fs";
import { createAuditClient, overPg } from "@audit-ext/client";
import { serve } from "@hono/node-server";
import pg from "pg";
import { createApp } from "./app.ts";
import { DOWNLOADS } from "./download.ts";
import { schedule } from "./schedule.ts";

// Settings: PG… or DATABASE_URL, HOST, PORT, AUDIT_JWT_SECRET or AUDIT_JWKS_URL, AUDIT_JWT_AUDIENCE, AUDIT_TRUSTED_PROXIES, AUDIT_NAMES (a file of
// names), AUDIT_DOWNLOADS (how many at a time), AUDIT_DOWNLOAD_SECONDS (how long a reader may take over 64 KB); --dev takes requests of this machine without a token, --schedule runs the jobs where pg_cron does not.
const { env, argv } = process;
const isDevelopment = argv.includes("--dev");
if (isDevelopment && env.NODE_ENV === "production") throw new Error("--dev takes requests without a token: never in production");

/** A setting that is a number. One that cannot be read would take its protection away. */
function wholeNumber(name: string, least: number): number | undefined {
  const text = env[name];
  if (!text) return undefined;
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < least || !Number.isSafeInteger(number)) throw new Error(`${name} is "${text}"; it takes a whole number, ${least} or more`);
  return number;
}

const pool = new pg.Pool({ connectionString: env.DATABASE_URL, user: env.PGUSER ?? "audit_gateway", max: 10, connectionTimeoutMillis: 2000 });
const client = createAuditClient(overPg(pool));
const file = (name: string, type: string) => ({ type, content: readFileSync(new URL(`../console/${name}`, import.meta.url), "utf8") });

const app = createApp({
  client,
  keys: { secret: env.AUDIT_JWT_SECRET, jwksUrl: env.AUDIT_JWKS_URL, audience: env.AUDIT_JWT_AUDIENCE ?? "audit" },
  fixed: isDevelopment ? { userId: "00000000-0000-4000-8000-00000000dede", levels: ["writer"], isService: true } : undefined,
  trustedProxies: wholeNumber("AUDIT_TRUSTED_PROXIES", 0),
  downloadLimits: {
    most: wholeNumber("AUDIT_DOWNLOADS", 1) ?? DOWNLOADS.most,
    pieceSeconds: wholeNumber("AUDIT_DOWNLOAD_SECONDS", 1) ?? DOWNLOADS.pieceSeconds,
  },
  names: env.AUDIT_NAMES ? JSON.parse(readFileSync(env.AUDIT_NAMES, "utf8")) : undefined,
  files: new Map([
    ["/", file("index.html", "text/html; charset=utf-8")],
    ["/console.js", file("console.js", "text/javascript; charset=utf-8")],
    ["/console.css", file("console.css", "text/css; charset=utf-8")],
  ]),
});

const hostname = isDevelopment ? "127.0.0.1" : (env.HOST ?? "127.0.0.1");
serve({ fetch: app.fetch, hostname, port: wholeNumber("PORT", 0) ?? 3000 }, ({ address, port }) => console.log(`http://${address}:${port}`));
if (argv.includes("--schedule")) await schedule(client);
