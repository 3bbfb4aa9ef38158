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
  // A database knows no arguments that must not be NULL. These may be, and what the check then refuses is named.
  .replace(/ip_address: unknown/g, "ip_address: string | null")
  .replace(/p_ip_address\?: unknown/g, "p_ip_address?: string");

// An answer of several values is one record, whose fields postgres-meta does not tell.
const deleted = "{ deleted_count: number | null; deletion_log_id: string | null }"; // NULLs while a cooling-off period lasts
const records = {
  approve_audit_deletion: deleted,
  // No checkpoint before the first event.
  audit_seal: "{ sealed_count: number; head_count: number; checkpoint: string | null; is_behind: boolean }",
  begin_audit_cold_object: "{ object_id: string; path: string }",
  count_audit_events: "{ event_count: number; is_exact: boolean }",
  delete_person_audit_events: "{ deleted_count: number; deletion_log_id: string; workspace_count: number; held_workspaces: string[] }",
  delete_user_audit_events_compliant: deleted,
  execute_audit_deletion: deleted,
  purge_expired_audit_events: deleted,
  release_audit_cold_object: "{ released_count: number; deletion_log_id: string }",
  // No entry where nothing went back.
  return_audit_cold_loans: "{ returned_count: number; deletion_log_id: string | null }",
};
const told = made.replace(/^ {6}(\w+): \{\n(?:^ {8}.*\n)*?^ {8}Returns: Record<string, unknown>$/gm, (text, name) => {
  if (!records[name]) throw new Error(`types.mjs does not know what ${name}() returns`);
  return text.replace("Record<string, unknown>", records[name]);
});

// The columns of an answer that may be NULL: what an event lacks, and what a finding is not of.
const nullable = (types, name, columns) =>
  types.replace(new RegExp(`(${name}: \\{[^]*?Returns: \\{)([^]*?)(\\n {8}\\}\\[\\])`), (_, head, listed, end) =>
    head + listed.replace(new RegExp(`^( +(?:${columns.join("|")})): (\\S+)$`, "gm"), "$1: $2 | null") + end,
  );
const lacking = ["changed_fields", "resource_id", "user_agent", "request_id", "tags"];
const types = [
  ["get_audit_trail", lacking],
  ["search_audit_events", lacking],
  ["audit_verify", ["workspace_id", "leaf_index", "event_id"]],
  ["audit_cold_due", ["obstacle"]],
]
  .reduce((types, [name, columns]) => nullable(types, name, columns), told)
  // No event of the chunk was to be erased.
  .replace(/(erase_audit_cold_chunk: \{[^]*?Returns: string)$/m, "$1 | null");
process.stdout.write(`// Made by types.mjs; do not edit.\n\n${types.trimEnd()}\n`);
