import { AuditError, type Rpc } from "@audit-ext/client";
import type { startApi } from "./support.ts";

type Api = Awaited<ReturnType<typeof startApi>>;
type Route = [method: string, path: string, body?: unknown, answer?: (body: any) => unknown];

const camel = (args: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(args).map(([key, value]) => [key.replace(/^p_/, "").replace(/_(.)/g, (_, letter) => letter.toUpperCase()), value]));
const query = (args: Record<string, unknown>) => {
  const { beforeEventId: before, ...rest } = camel(args) as Record<string, string>;
  return new URLSearchParams(Object.entries({ ...rest, before: before! }).filter(([, value]) => value !== undefined));
};
/** Of a search: a list is a key several times. */
const filters = (args: Record<string, unknown>) => {
  const { beforeEventId: before, contains, ...rest } = camel(args);
  const given = { ...rest, before, contains: contains && JSON.stringify(contains) };
  return new URLSearchParams(Object.entries(given).flatMap(([key, value]) => (value == null ? [] : [value].flat().map((one) => [key, String(one)]))));
};
const nothing = () => null;

/** The API's route for a function of the seam, so that the same client speaks over it. */
function route(name: string, args: Record<string, any>): Route {
  const requests = "/api/admin/deletion-requests";
  switch (name) {
    case "insert_audit_event": return ["POST", "/api/audit/log", camel(args), ({ id }) => id];
    case "insert_audit_events": return ["POST", "/api/audit/batch", args.p_events.map(camel), ({ ids }) => ids];
    case "get_audit_trail": return ["GET", `/api/audit/trail?${query(args)}`, undefined, ({ events }) => events];
    case "search_audit_events": return ["GET", `/api/audit/search?${filters(args)}`, undefined, ({ events }) => events];
    case "count_audit_events": return ["GET", `/api/audit/count?${filters(args)}`];
    case "audit_deletion_requests": return ["GET", `${requests}?${query(args)}`];
    case "request_audit_deletion": return ["POST", requests, camel(args), ({ id }) => id];
    case "request_audit_person_deletion": return ["POST", "/api/admin/person-deletion-requests", camel(args), ({ id }) => id];
    case "request_audit_offboarding": return ["POST", "/api/admin/offboarding-requests", camel(args), ({ id }) => id];
    case "approve_audit_deletion": return ["POST", `${requests}/${args.p_request_id}/approve`, { approvalTicketId: args.p_approval_ticket_id }];
    case "execute_audit_deletion": return ["POST", `${requests}/${args.p_request_id}/execute`];
    case "reject_audit_deletion": return ["POST", `${requests}/${args.p_request_id}/reject`, { reason: args.p_reason }, nothing];
    case "delete_user_audit_events_compliant":
      return ["POST", "/api/admin/delete-user-gdpr", camel(args), (one) => ({ deleted_count: one.deletedCount, deletion_log_id: one.deletionLogId })];
    case "audit_deletion_certificate": return ["GET", `/api/admin/certificates/${args.p_deletion_log_id}`];
    case "audit_legal_holds": return ["GET", `/api/admin/holds?${query(args)}`];
    case "place_audit_hold": return ["POST", "/api/admin/holds", camel(args), ({ id }) => id];
    case "release_audit_hold": return ["POST", `/api/admin/holds/${args.p_hold_id}/release`, { reason: args.p_reason }, nothing];
    case "audit_retention_policies": return ["GET", "/api/admin/policies"];
    case "save_audit_retention_policy": {
      const { workspace_id, ...policy } = args;
      return ["PUT", `/api/admin/policies/${workspace_id}`, policy];
    }
    case "explain_audit_retention": return ["GET", `/api/admin/retention?${query(args)}`, undefined, ({ lines }) => lines];
    case "archive_old_audit_events": return ["POST", "/api/admin/archive-audit"];
    case "create_monthly_audit_partition": return ["POST", "/api/admin/create-partitions"];
    case "audit_health": return ["GET", "/api/admin/health", undefined, ({ checks }) => checks];
    case "audit_metrics": return ["GET", "/api/admin/health", undefined, ({ metrics }) => metrics];
    default: throw new Error(`the API has no route for ${name}`);
  }
}

export function overApi(api: Api, bearer: string): Rpc {
  return async (name, args) => {
    const [method, path, body, answer = (whole: unknown) => whole] = route(name, args);
    const { status, body: found } = await api.ask(method, path, bearer, body);
    if (status < 400) return answer(found);
    throw new AuditError(found.message, found.code, found.constraint, found.detail, found.hint, status);
  };
}
