import type { AuditEvent } from "@audit-ext/client";
import { useEffect, useRef, useState } from "react";
import { call, useAction } from "./api.ts";
import { Diff } from "./Diff.tsx";
import { Field, Form, Id, Result, Time } from "./words.tsx";

const PAGE = 50;
type Filter = Record<"resourceType" | "resourceId" | "daysBack" | "action", string | undefined>;
const WHOLE: Filter = { resourceType: undefined, resourceId: undefined, daysBack: "30", action: undefined };

function query(workspace: string, { resourceType, resourceId, daysBack }: Filter, more: Record<string, string>) {
  const given = Object.entries({ workspaceId: workspace, resourceType, resourceId, daysBack, ...more }).filter(([, value]) => value);
  return new URLSearchParams(given as [string, string][]);
}

/** The events of a workspace, newest first, page by page. */
export function Trail({ workspace }: { workspace: string }) {
  const [filter, setFilter] = useState(WHOLE);
  const [events, setEvents] = useState<AuditEvent[]>([]);
  const [next, setNext] = useState<string | null>(null);
  const { run, isBusy, outcome } = useAction();

  const newest = useRef(0);

  const load = (before?: string) =>
    run(async () => {
      const turn = ++newest.current;
      const more = { limit: String(PAGE), ...(before && { before }) };
      const page = await call<{ events: AuditEvent[]; next: string | null }>("GET", `/audit/trail?${query(workspace, filter, more)}`);
      // Another question has been asked since.
      if (turn !== newest.current) return "";
      setEvents((shown) => (before ? [...shown, ...page.events] : page.events));
      setNext(page.next);
      return "";
    });
  useEffect(() => {
    setEvents([]);
    setNext(null);
    load();
  }, [workspace, filter]);

  const action = filter.action?.toUpperCase();
  const shown = events.filter((event) => !action || event.action_type.toUpperCase().includes(action));
  const types = [...new Set(events.map((event) => event.resource_type))].sort();
  return (
    <section aria-labelledby="trail">
      <h2 id="trail">Trail</h2>
      <Form label="Filter" className="filter" onFilled={(values) => setFilter({ ...WHOLE, ...(values as Filter) })}>
        <Field label="Resource type" name="resourceType" list={types} />
        <Field label="Resource id" name="resourceId" placeholder="UUID" />
        <Field label="Action contains" name="action" />
        <Field label="Days back" name="daysBack" type="number" defaultValue={30} />
        <button type="submit">Show</button>
        <a className="button" href={`/api/audit/trail.csv?${query(workspace, filter, {})}`} download>
          CSV
        </a>
      </Form>
      {outcome?.error && <Result outcome={outcome} />}
      <p role="status" className="quiet">
        {isBusy ? "Loading…" : `${shown.length} events shown${next ? "; there are older ones" : ""}`}
      </p>
      <ol className="events">
        {shown.map((event) => (
          <Event key={event.id} event={event} />
        ))}
      </ol>
      {next && (
        <button type="button" disabled={isBusy} onClick={() => load(next)}>
          Older events
        </button>
      )}
    </section>
  );
}

function Event({ event }: { event: AuditEvent }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <li>
      <details open={isOpen} onToggle={(toggled) => setOpen(toggled.currentTarget.open)}>
        <summary className="event">
          <Time at={event.created_at} />
          <strong>{event.action_type}</strong>
          <span>
            <span className="type">{event.resource_type}</span> {event.resource_id && <Id id={event.resource_id} />}
          </span>
          <span>
            by <Id id={event.created_by_user_id} fallback={loginOf(event)} />
          </span>
          {event.is_archived && <span className="badge">archived</span>}
        </summary>
        {isOpen && (
          <>
            <Diff event={event} />
            <Facts event={event} />
          </>
        )}
      </details>
    </li>
  );
}

/** Who was logged in to the database, of the trail's own and captured events. */
function loginOf({ metadata }: AuditEvent) {
  const own = metadata && typeof metadata === "object" && !Array.isArray(metadata) ? metadata.audit_ext : undefined;
  const login = own && typeof own === "object" && !Array.isArray(own) ? own.session_user : undefined;
  return typeof login === "string" ? login : undefined;
}

const FACTS = ["id", "resource_type", "resource_id", "created_by_user_id", "ip_address", "user_agent", "request_id", "tags", "metadata"] as const;

function Facts({ event }: { event: AuditEvent }) {
  return (
    <dl className="facts">
      {FACTS.filter((fact) => event[fact] !== null).map((fact) => (
        <div key={fact}>
          <dt>{fact.replaceAll("_", " ")}</dt>
          <dd>{typeof event[fact] === "string" ? event[fact] : JSON.stringify(event[fact])}</dd>
        </div>
      ))}
    </dl>
  );
}
