// Cuts the TypeScript blocks out of the guide and makes modules of them in dist/guide: as they are, with what some of them forget, and once more
// against the typed client. Prints nothing; types.sh compiles them, supabase.sh runs them.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL("..", import.meta.url));
const guide = readFileSync(process.env.GUIDE, "utf8");
const blocks = [...guide.matchAll(/^```typescript\n([^]*?)^```$/gm)].map(([, code]) => code);
const named = (word) => {
  const found = blocks.filter((code) => code.includes(word));
  if (found.length !== 1) throw new Error(`${found.length} blocks of the guide have ${word}`);
  return found[0];
};

/** Three of the five leave out imports or declarations; they are put before them, or where they belong. */
const client = 'import { createClient } from "@supabase/supabase-js";\nconst supabase = createClient(process.env.NEXT_PUBLIC_SUPABASE_URL!, process.env.SUPABASE_SERVICE_ROLE_KEY!);\n';
const modules = {
  "audit-client.ts": named("export async function logAuditEvent"),
  "delete-user-gdpr.ts": named("export async function deleteUserAuditEventsCompliant"),
  "archive-audit.ts": client + named("export async function archiveAuditEvents"),
  "create-partitions.ts": client + named("export async function createNextMonthPartition"),
  "deletion-requests.tsx": `import { useState } from "react";
interface DeletionRequest { id: string; userId: string; workspaceId: string; authority: string }
${named("export function DeletionRequestsAdmin").replace(
    "async function approveDeletion(requestId: string) {",
    "$&\n    const request = requests.find((one) => one.id === requestId)!;",
  )}`,
};
if (blocks.length !== Object.keys(modules).length) throw new Error(`the guide has ${blocks.length} blocks`);

const folder = `${here}dist/guide`;
rmSync(folder, { recursive: true, force: true });
mkdirSync(`${folder}/typed`, { recursive: true });
for (const [name, code] of Object.entries(modules)) {
  writeFileSync(`${folder}/${name}`, code);
  const typed = code.replace("createClient(", "createClient<Database>(");
  if (name.endsWith(".ts")) writeFileSync(`${folder}/typed/${name}`, `import type { Database } from "@audit-ext/client";\n${typed}`);
}
await build({
  entryPoints: Object.keys(modules).filter((name) => name.endsWith(".ts")).map((name) => `${folder}/${name}`),
  outdir: folder,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  packages: "external",
  platform: "node",
  format: "esm",
});
