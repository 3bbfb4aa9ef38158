// Starts server and console on a database, with two officers ready to log in: node demo.mjs, with PGHOST and PGDATABASE set.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { SignJWT } from "jose";
import pg from "pg";

const OFFICERS = { "Ada Okafor": "0a0a0a0a-0000-4000-8000-000000000001", "Ben Larsen": "0b0b0b0b-0000-4000-8000-000000000002" };
const LEVELS = ["reader", "compliance", "operator"];

/** What the demo's workspaces and people are called. */
async function names() {
  const client = new pg.Client({ user: "postgres" });
  await client.connect();
  const workspaces = await client.query("SELECT id, name FROM demo.workspaces");
  const people = await client.query("SELECT id, 'Person ' || p AS name FROM demo.people ORDER BY p");
  await client.end();
  const officers = Object.entries(OFFICERS).map(([name, id]) => [id, name]);
  const named = ({ rows }) => rows.map(({ id, name }) => [id, name]);
  return { workspaces: Object.fromEntries(named(workspaces)), people: Object.fromEntries([...named(people), ...officers]) };
}

const folder = mkdtempSync(join(tmpdir(), "audit-console-"));
process.on("exit", () => rmSync(folder, { recursive: true }));
const secret = randomBytes(32).toString("base64url");
writeFileSync(join(folder, "names.json"), JSON.stringify(await names()));
const env = { ...process.env, PGUSER: "audit_gateway", AUDIT_JWT_SECRET: secret, AUDIT_NAMES: join(folder, "names.json") };
const server = spawn(process.execPath, [fileURLToPath(new URL("dist/server/main.js", import.meta.url))], { env, stdio: ["ignore", "pipe", "inherit"] });
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => server.kill(signal));
server.on("exit", (code) => process.exit(code ?? 0));

createInterface(server.stdout).once("line", async (address) => {
  console.log(`\nThe console is at ${address} (Ctrl-C ends it). Log in as one of two officers, each in a window of their own:\n`);
  for (const [name, id] of Object.entries(OFFICERS)) {
    const key = new TextEncoder().encode(secret);
    const token = new SignJWT({ audit: LEVELS }).setProtectedHeader({ alg: "HS256" }).setSubject(id).setAudience("audit").setExpirationTime("8h");
    console.log(`  ${name}: ${address}/#token=${await token.sign(key)}\n`);
  }
});
