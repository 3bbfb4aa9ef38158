import type { Args } from "./statement.ts";

/** What to find: an event must meet all of it. What is left out is no filter; a list finds what is one of it. */
export interface SearchFilters {
  /** From this time on; by default 30 days back, "-infinity" for everything. Text keeps microseconds, a Date has none. */
  from?: string | Date;
  /** Before this time. */
  to?: string | Date;
  /** Who did it. */
  userIds?: string[];
  /** Action types; `role.*` stands for all that begin so. */
  actions?: string[];
  resourceTypes?: string[];
  resourceId?: string;
  requestId?: string;
  /** An address or a network. */
  ipAddress?: string;
  /** All of these. */
  tags?: string[];
  changedField?: string;
  /** A document that old values, new values or metadata contain. */
  contains?: Record<string, any>;
  /** 3 to 200 characters, whatever the case. */
  text?: string;
}

export interface SearchOptions extends SearchFilters {
  limit?: number;
  beforeEventId?: string;
}

/** `csv_safe` is for spreadsheets: what they would take for a formula is text there. */
export type ExportFormat = "ndjson" | "csv" | "csv_safe" | "ocsf" | "cef" | "ecs";

export interface ExportOptions extends SearchFilters {
  afterEventId?: string;
}

export interface EventCount {
  event_count: number;
  is_exact: boolean;
}

const moment = (time: string | Date | undefined) => (time instanceof Date ? time.toISOString() : time);

/** The filters as arguments. A workspace that is NULL stands for all of them, which takes the level operator or compliance. */
export function filterArguments(workspaceId: string | null, filters: SearchFilters): Args {
  return {
    p_workspace_id: workspaceId,
    p_from: moment(filters.from),
    p_to: moment(filters.to),
    p_user_ids: filters.userIds,
    p_actions: filters.actions,
    p_resource_types: filters.resourceTypes,
    p_resource_id: filters.resourceId,
    p_request_id: filters.requestId,
    p_ip_address: filters.ipAddress,
    p_tags: filters.tags,
    p_changed_field: filters.changedField,
    p_contains: filters.contains,
    p_text: filters.text,
  };
}

/** A count for people: "1,234", or "10,000+" where counting stopped. */
export const countText = ({ event_count, is_exact }: EventCount) => `${event_count.toLocaleString("en-GB")}${is_exact ? "" : "+"}`;
