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
  // One record of an erasure or purge; NULLs while a cooling-off period lasts.
  .replaceAll("Returns: Record<string, unknown>", "Returns: { deleted_count: number | null; deletion_log_id: string | null }")
  // A database knows no arguments that must not be NULL. These may be, and what the check then refuses is named.
  .replace(/ip_address: unknown/g, "ip_address: string | null")
  .replace(/p_ip_address\?: unknown/g, "p_ip_address?: string");

// The columns of get_audit_trail that an event may lack.
const trail = made.replace(/(get_audit_trail: \{[^]*?Returns: \{)([^]*?)(\n {8}\}\[\])/, (_, head, columns, end) =>
  head + columns.replace(/^( +(?:changed_fields|resource_id|user_agent|request_id|tags)): (\S+)$/gm, "$1: $2 | null") + end,
);
process.stdout.write(`// Made by types.mjs; do not edit.\n\n${trail.trimEnd()}\n`);
