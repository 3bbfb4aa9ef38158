// Makes database.types.ts of a live database, what postgres-meta does not know put right. From this folder, with that package installed anywhere:
//
//   PG_META_GENERATE_TYPES=typescript PG_META_GENERATE_TYPES_INCLUDED_SCHEMAS=public PG_META_DB_URL=postgres://… \
//     node …/@supabase/postgres-meta/dist/server/server.js | node types.mjs > database.types.ts
import { readFileSync } from "node:fs";

const indented = (depth, body) => new RegExp(`^ {${depth}}${body}: \\{\\n(?:^ {${depth + 1},}.*\\n)*^ {${depth}}\\}\\n`, "gm");
const made = readFileSync(0, "utf8")
  // Months come and go; they are read through their tables.
  .replace(indented(6, "audit_events(?:_archive)?_(?:\\d{4}_\\d\\d|default)"), "")
  .replace(/^type DatabaseWithoutInternals[^]*/m, "")
  // A ticket is any text.
  .replaceAll("p_approval_ticket_id: unknown", "p_approval_ticket_id: string")
  // What a seal did; no checkpoint before the first event.
  .replace(/(audit_seal: \{[^]*?Returns: )Record<string, unknown>/, "$1{ sealed_count: number; head_count: number; checkpoint: string | null; is_behind: boolean }")
  // One record of an erasure or purge; NULLs while a cooling-off period lasts.
  .replaceAll("Returns: Record<string, unknown>", "Returns: { deleted_count: number | null; deletion_log_id: string | null }")
  // A database knows no arguments that must not be NULL. These may be, and what the check then refuses is named.
  .replace(/ip_address: unknown/g, "ip_address: string | null")
  .replace(/p_ip_address\?: unknown/g, "p_ip_address?: string");

// The columns of an answer that may be NULL: what an event lacks, and what a finding is not of.
const nullable = (types, name, columns) =>
  types.replace(new RegExp(`(${name}: \\{[^]*?Returns: \\{)([^]*?)(\\n {8}\\}\\[\\])`), (_, head, listed, end) =>
    head + listed.replace(new RegExp(`^( +(?:${columns.join("|")})): (\\S+)$`, "gm"), "$1: $2 | null") + end,
  );
const trail = nullable(made, "get_audit_trail", ["changed_fields", "resource_id", "user_agent", "request_id", "tags"]);
const found = nullable(trail, "audit_verify", ["workspace_id", "leaf_index", "event_id"]);
process.stdout.write(`// Made by types.mjs; do not edit.\n\n${found.trimEnd()}\n`);
