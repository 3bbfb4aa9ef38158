import type { Caller } from "./context.ts";
import { type Lines, noLines } from "./lines.ts";
import { type Rpc, retrying } from "./rpc.ts";
import { type Args, type Name, SAVE_POLICY } from "./statement.ts";
import { type EventCount, type ExportFormat, type ExportOptions, filterArguments, type SearchFilters, type SearchOptions } from "./search.ts";
import type { Database } from "./database.types.ts";

export { auditContext, type Caller, callerOf, clientAddress, currentCaller, runAs, withAuditContext } from "./context.ts";
export { AuditError, statusOf, toAuditError } from "./errors.ts";
export { overPg, overPostgres, overSupabase, retrying, type Rpc, withAudit } from "./rpc.ts";
export { countText, type EventCount, type ExportFormat, type ExportOptions, type SearchFilters, type SearchOptions } from "./search.ts";
export type { Database } from "./database.types.ts";

type Functions = Database["public"]["Functions"];
type Row<Table extends keyof Database["public"]["Tables"]> = Database["public"]["Tables"][Table]["Row"];

export type AuditEvent = Functions["get_audit_trail"]["Returns"][number];
export type DeletionRequest = Row<"audit_deletion_requests">;
export type LegalHold = Row<"audit_legal_holds">;
export type RetentionPolicy = Row<"audit_retention_policies">;
export type RetentionLine = Functions["explain_audit_retention"]["Returns"][number];
export type HealthCheck = Functions["audit_health"]["Returns"][number];
export type Metric = Omit<Functions["audit_metrics"]["Returns"][number], "labels"> & { labels: Record<string, string> };
/** What audit-verify checks without the database. */
export type Receipt = Record<string, unknown>;
export type Certificate = Record<string, unknown>;
/** Of an erasure or purge; NULLs where a cooling-off period has only begun. */
export interface Deletion {
  deleted_count: number | null;
  deletion_log_id: string | null;
}

export interface AuditEventPayload {
  /** The database refuses an event without these, naming the check; from the request's context come the other three. */
  actionType?: string;
  resourceType?: string;
  resourceId?: string;
  workspaceId?: string;
  createdByUserId?: string;
  oldValues?: Record<string, any>;
  newValues?: Record<string, any>;
  ipAddress?: string;
  userAgent?: string;
  tags?: string[];
  metadata?: Record<string, any>;
  requestId?: string;
  /** 1 to 255 bytes. A second attempt within a day gives the first one's id and records nothing; one with other values is refused. */
  idempotencyKey?: string;
}

export interface TrailOptions {
  resourceType?: string;
  resourceId?: string;
  daysBack?: number;
  limit?: number;
  beforeEventId?: string;
}

export interface DeleteUserRequest {
  userId: string;
  workspaceId: string;
  authority: string;
  approvalTicketId: string;
}

export interface PersonRequest {
  reason?: string;
  /** Also events whose resource is the person. */
  includeEventsAboutUser?: boolean;
  /** Leaves out the workspaces that are under a hold, whole; the certificate names them. */
  skipHeld?: boolean;
}

export interface AccessRequest {
  userId: string;
  authority: string;
  approvalTicketId: string;
  includeEventsAboutUser?: boolean;
  /** Of events by others, who they were stays unsaid; by default so. */
  maskOthers?: boolean;
}

/** The arguments of insert_audit_event. What is undefined is left out. */
export function eventArguments(payload: AuditEventPayload): Args {
  return {
    p_action_type: payload.actionType,
    p_resource_type: payload.resourceType,
    p_resource_id: payload.resourceId,
    p_workspace_id: payload.workspaceId,
    p_created_by_user_id: payload.createdByUserId,
    p_old_values: payload.oldValues,
    p_new_values: payload.newValues,
    p_ip_address: payload.ipAddress,
    p_user_agent: payload.userAgent,
    p_tags: payload.tags,
    p_metadata: payload.metadata,
    p_request_id: payload.requestId,
    p_idempotency_key: payload.idempotencyKey,
  };
}

/** The audit trail over whatever connection `rpc` stands for. A client is made for all callers, or `as` one of them. */
export function createAuditClient(connection: Rpc) {
  const rpc = retrying(connection);
  const lines = rpc.lines ?? noLines;
  return {
    ...operations(rpc, lines),
    as: (caller: Caller) => operations((name, args) => rpc(name, args, caller), (name, args) => lines(name, args, caller)),
  };
}

export type AuditClient = ReturnType<typeof operations>;

function operations(rpc: Rpc, lines: Lines) {
  const ask = <T>(name: Name, args: Args = {}) => rpc(name, args) as Promise<T>;

  const log = (payload: AuditEventPayload) => ask<string>("insert_audit_event", eventArguments(payload));
  const page = (workspaceId: string, options: TrailOptions = {}) =>
    ask<AuditEvent[]>("get_audit_trail", {
      p_workspace_id: workspaceId,
      p_resource_type: options.resourceType,
      p_resource_id: options.resourceId,
      p_days_back: options.daysBack ?? 30,
      p_limit: options.limit ?? 100,
      p_before_event_id: options.beforeEventId,
    });
  /** Page by page, newest first; what is recorded meanwhile shifts nothing. */
  async function* pages(size: number, ask: (beforeEventId?: string) => Promise<AuditEvent[]>) {
    for (let beforeEventId: string | undefined; ; ) {
      const events = await ask(beforeEventId);
      yield* events;
      if (events.length < size) return;
      beforeEventId = events.at(-1)!.id;
    }
  }
  /** All events of the window. */
  const trail = (workspaceId: string, options: Omit<TrailOptions, "beforeEventId"> = {}) => {
    const limit = options.limit ?? 500;
    return pages(limit, (beforeEventId) => page(workspaceId, { ...options, limit, beforeEventId }));
  };
  const search = (workspaceId: string | null, { limit = 100, beforeEventId, ...filters }: SearchOptions = {}) =>
    ask<AuditEvent[]>("search_audit_events", {
      ...filterArguments(workspaceId, filters),
      p_limit: limit,
      p_before_event_id: beforeEventId,
    });
  const archive = () => ask<{ archived_count: number; deleted_count: number }[]>("archive_old_audit_events");
  const partitions = (monthsAhead?: number) =>
    ask<{ partition_name: string }[]>("create_monthly_audit_partition", { p_months_ahead: monthsAhead });
  const erase = (request: DeleteUserRequest) =>
    ask<Deletion>("delete_user_audit_events_compliant", {
      p_user_id: request.userId,
      p_workspace_id: request.workspaceId,
      p_authority: request.authority,
      p_approval_ticket_id: request.approvalTicketId,
    });

  return {
    log,
    /** Records an event once, though its answer be lost: the key is made before the first attempt, and each attempt has it. */
    logOnce: (payload: AuditEventPayload) => log({ ...payload, idempotencyKey: payload.idempotencyKey ?? crypto.randomUUID() }),
    /** All or none; an error names the event that is wrong. */
    logMany: (payloads: AuditEventPayload[]) =>
      ask<string[]>("insert_audit_events", { p_events: payloads.map((payload) => eventArguments(payload)) }),
    page,
    trail,
    /** A page of the events that meet all filters; one with fewer than `limit` is the last. NULL searches all workspaces. */
    search,
    /** All that meet the filters. */
    searchAll: (workspaceId: string | null, { limit = 500, ...filters }: Omit<SearchOptions, "beforeEventId"> = {}) =>
      pages(limit, (beforeEventId) => search(workspaceId, { ...filters, limit, beforeEventId })),
    /**
     * All that meet the filters, as lines of a file, oldest first, each without its end. Leave out `from` for those since the beginning. Read to the last, or leave the loop:
     * a transaction is open meanwhile. An export that was cut off is continued `afterEventId`.
     */
    exportLines: (workspaceId: string | null, { afterEventId, ...filters }: ExportOptions = {}, format: ExportFormat = "ndjson") =>
      lines("export_audit_events", { ...filterArguments(workspaceId, filters), p_format: format, p_after_event_id: afterEventId }),
    /** What the trail knows of a person, in all workspaces, as lines like `exportLines`: the answer to a request for access. */
    exportPerson: (request: AccessRequest, format: ExportFormat = "ndjson") =>
      lines("export_person_audit_events", {
        p_user_id: request.userId,
        p_authority: request.authority,
        p_approval_ticket_id: request.approvalTicketId,
        p_include_events_about_user: request.includeEventsAboutUser,
        p_mask_others: request.maskOthers,
        p_format: format,
      }),
    /** How many there are, exactly up to a number; `countText` says it to people. */
    count: (workspaceId: string | null, filters: SearchFilters = {}, upTo?: number) =>
      ask<EventCount>("count_audit_events", { ...filterArguments(workspaceId, filters), p_up_to: upTo }),
    /** The receipt of a sealed event, with these columns or all. */
    receipt: (eventId: string, fields?: string[]) => ask<Receipt>("audit_event_proof", { p_event_id: eventId, p_fields: fields }),
    /** The id that the trail gives to a key that is no UUID: for tenants, users and resources known by numbers or names. */
    resourceId: (resourceType: string, key: string) =>
      ask<string>("audit_resource_id", { p_resource_type: resourceType, p_key: key }),
    workflow: {
      requests: (filter: Partial<Pick<DeletionRequest, "id" | "workspace_id" | "state">> = {}) =>
        ask<DeletionRequest[]>("audit_deletion_requests", filter),
      request: (userId: string, workspaceId: string, authority: string, reason?: string) =>
        ask<string>("request_audit_deletion", {
          p_user_id: userId,
          p_workspace_id: workspaceId,
          p_authority: authority,
          p_reason: reason,
        }),
      /** Erasure in all workspaces; it stands under the nil UUID. */
      requestPerson: (userId: string, authority: string, options: PersonRequest = {}) =>
        ask<string>("request_audit_person_deletion", {
          p_user_id: userId,
          p_authority: authority,
          p_reason: options.reason,
          p_include_events_about_user: options.includeEventsAboutUser,
          p_skip_held: options.skipHeld,
        }),
      /** Removal of all events of a workspace; it is approved when a whole export of the last 30 days has them. */
      requestOffboarding: (workspaceId: string, authority: string, reason?: string) =>
        ask<string>("request_audit_offboarding", { p_workspace_id: workspaceId, p_authority: authority, p_reason: reason }),
      approve: (requestId: string, ticket: string) =>
        ask<Deletion>("approve_audit_deletion", { p_request_id: requestId, p_approval_ticket_id: ticket }),
      execute: (requestId: string) => ask<Deletion>("execute_audit_deletion", { p_request_id: requestId }),
      reject: (requestId: string, reason: string) =>
        ask<null>("reject_audit_deletion", { p_request_id: requestId, p_reason: reason }),
    },
    erase,
    certificate: (deletionLogId: string) =>
      ask<Certificate>("audit_deletion_certificate", { p_deletion_log_id: deletionLogId }),
    holds: {
      list: (filter: Partial<Pick<LegalHold, "workspace_id">> = {}) => ask<LegalHold[]>("audit_legal_holds", filter),
      place: (workspaceId: string, reason: string, userId?: string) =>
        ask<string>("place_audit_hold", { p_workspace_id: workspaceId, p_reason: reason, p_user_id: userId }),
      release: (holdId: string, reason: string) => ask<null>("release_audit_hold", { p_hold_id: holdId, p_reason: reason }),
    },
    retention: {
      policies: (filter: Partial<Pick<RetentionPolicy, "workspace_id">> = {}) =>
        ask<RetentionPolicy[]>("audit_retention_policies", filter),
      save: (policy: Partial<RetentionPolicy> & Pick<RetentionPolicy, "workspace_id">) =>
        ask<RetentionPolicy>(SAVE_POLICY, policy),
      explain: (workspaceId: string) =>
        ask<RetentionLine[]>("explain_audit_retention", { p_workspace_id: workspaceId }),
    },
    archive,
    partitions,
    health: () => ask<HealthCheck[]>("audit_health"),
    metrics: () => ask<Metric[]>("audit_metrics"),

    // The five functions of the guide, under its names.
    logAuditEvent: log,
    getAuditTrail: (workspaceId: string, options?: Omit<TrailOptions, "beforeEventId">) => page(workspaceId, options),
    archiveAuditEvents: archive,
    createNextMonthPartition: async () => void (await partitions()),
    deleteUserAuditEventsCompliant: async (request: DeleteUserRequest) => {
      const { deleted_count, deletion_log_id } = await erase(request);
      return { deletedCount: deleted_count, deletionLogId: deletion_log_id, authority: request.authority };
    },
  };
}
