import type { AuditEvent, EventCount } from "@audit-ext/client";
import { countText } from "@audit-ext/client/search";
import { useContext, useEffect, useRef, useState } from "react";
import { call, useAction, useLoaded } from "./api.ts";
import { Diff } from "./Diff.tsx";
import { Field, Form, Id, NamesContext, Result, Time, Trouble } from "./words.tsx";

const PAGE = 50;
type Filter = Record<string, string | undefined>;
/** Several of them, with commas between. */
const LISTS = ["userIds", "actions", "resourceTypes", "tags"];
const LABELS: Record<string, string> = {
  resourceId: "Resource id", requestId: "Request id", ipAddress: "Address or network", tags: "Tags", changedField: "Changed field", containing: "Contains (JSON)",
};
const MORE = ["resourceId", "requestId", "ipAddress", "tags", "changedField", "containing"];

/** What the fields ask, as the API takes it: times are UTC, and who acted may be called by name. */
function query(workspace: string, filter: Filter, people: Record<string, string>, more: Record<string, string> = {}) {
  const asked = new URLSearchParams({ workspaceId: workspace, ...more });
  for (const [key, value] of Object.entries(filter)) {
    if (value === undefined) continue;
    if (LISTS.includes(key)) for (const one of listed(value)) for (const id of key === "userIds" ? idsOf(one, people) : [one]) asked.append(key, id);
    // A field called contains would stand in the place of its form's method.
    else if (key === "containing") asked.set("contains", value);
    else asked.set(key, key === "from" || key === "to" ? `${value}Z` : value);
  }
  return asked;
}

const listed = (text: string) => text.split(",").map((one) => one.trim()).filter(Boolean);

/** The ids of whom a name stands for; an id, and a name that nobody has, stays as it is. */
function idsOf(who: string, people: Record<string, string>) {
  const ids = Object.keys(people).filter((id) => people[id]!.toLowerCase() === who.toLowerCase());
  return ids.length > 0 ? ids : [who];
}

/** The events of a workspace, newest first, page by page. */
export function Trail({ workspace }: { workspace: string }) {
  const { people } = useContext(NamesContext);
  const [filter, setFilter] = useState<Filter>({});
  const [total, setTotal] = useState<EventCount>();
  const [events, setEvents] = useState<AuditEvent[]>([]);
  const [next, setNext] = useState<string | null>(null);
  const { run, isBusy, outcome } = useAction();

  const newest = useRef(0);

  const load = (before?: string) =>
    run(async () => {
      const turn = ++newest.current;
      const more = { limit: String(PAGE), ...(before && { before }) };
      const [page, found] = await Promise.all([
        call<{ events: AuditEvent[]; next: string | null }>("GET", `/audit/search?${query(workspace, filter, people, more)}`),
        before ? undefined : call<EventCount>("GET", `/audit/count?${query(workspace, filter, people)}`),
      ]);
      // Another question has been asked since.
      if (turn !== newest.current) return "";
      setEvents((shown) => (before ? [...shown, ...page.events] : page.events));
      setNext(page.next);
      if (found) setTotal(found);
      return "";
    });
  useEffect(() => {
    setEvents([]);
    setNext(null);
    setTotal(undefined);
    load();
  }, [workspace, filter]);

  const types = [...new Set(events.map((event) => event.resource_type))].sort();
  return (
    <section aria-labelledby="trail">
      <h2 id="trail">Trail</h2>
      <Form label="Filter" className="filter" onFilled={setFilter}>
        <Field label="Who" name="userIds" placeholder="name or UUID" list={Object.values(people)} />
        <Field label="Action" name="actions" placeholder="LOGIN, role.*" />
        <Field label="Resource type" name="resourceTypes" list={types} />
        <Field label="From (UTC)" name="from" type="datetime-local" />
        <Field label="Before (UTC)" name="to" type="datetime-local" />
        <Field label="Text" name="text" placeholder="3 letters or more" />
        <details className="more">
          <summary>More filters</summary>
          <div className="filter">
            {MORE.map((name) => (
              <Field key={name} label={LABELS[name]!} name={name} />
            ))}
          </div>
        </details>
        <button type="submit">Show</button>
        {["NDJSON", "CSV"].map((kind) => (
          <a key={kind} className="button" href={`/api/audit/search.${kind.toLowerCase()}?${query(workspace, filter, people)}`} download aria-label={`Download ${kind}`}>
            {kind}
          </a>
        ))}
      </Form>
      {outcome?.error && <Result outcome={outcome} />}
      <p role="status" className="quiet">
        {isBusy ? "Loading…" : `${events.length} of ${total ? countText(total) : events.length} events shown`}
      </p>
      <ol className="events">
        {events.map((event) => (
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
      <details open={isOpen} onToggle={(toggled) => toggled.target === toggled.currentTarget && setOpen(toggled.currentTarget.open)}>
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
            <Proof id={event.id} />
          </>
        )}
      </details>
    </li>
  );
}

/** Whether the event is in the sealed log, for whoever asks; the receipt is for audit-verify, which needs no database. */
function Proof({ id }: { id: string }) {
  const [isOpen, setOpen] = useState(false);
  const path = `/audit/receipts/${id}`;
  const { data, error } = useLoaded<{ index: number }>(isOpen ? path : null);
  return (
    <details className="certificate" onToggle={(toggled) => setOpen(toggled.currentTarget.open)}>
      <summary>Proof</summary>
      <Trouble error={isOpen ? error : undefined} />
      {data && (
        <p>
          <span className="badge ok">sealed</span> Place {data.index} in the log of its workspace.{" "}
          <a className="button" href={`/api${path}`} download={`receipt-${id}.json`}>
            Download receipt
          </a>
        </p>
      )}
    </details>
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
