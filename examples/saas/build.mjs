// Builds server, console and tests into dist/ in a second. What npm installed stays outside; the client, which is TypeScript, goes in.
import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const alias = { "@audit-ext/client": `${here}client/index.ts` };
const common = { absWorkingDir: here, bundle: true, sourcemap: true, logLevel: "warning" };
const node = { ...common, alias, platform: "node", target: "node20", format: "esm", packages: "external" };

await Promise.all([
  build({ ...node, entryPoints: ["server/main.ts"], outdir: "dist/server" }),
  build({ ...node, entryPoints: readdirSync(`${here}tests`).filter((name) => /\.test\.ts$/.test(name)).map((name) => `tests/${name}`), outdir: "dist/tests" }),
  build({
    ...common,
    sourcemap: false,
    minify: true,
    platform: "browser",
    target: "es2022",
    define: { "process.env.NODE_ENV": '"production"' },
    entryPoints: ["console/console.css", { in: "console/main.tsx", out: "console" }],
    outdir: "dist/console",
  }),
]);
mkdirSync(`${here}dist/console`, { recursive: true });
copyFileSync(`${here}console/index.html`, `${here}dist/console/index.html`);
