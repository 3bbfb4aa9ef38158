import type { Certificate, Deletion, DeletionRequest } from "@audit-ext/client";
import { useState } from "react";
import { call, type Me, useAction, useLoaded } from "./api.ts";
import { Countdown, count, Field, Form, Id, Result, Time, Trouble } from "./words.tsx";

/** Requests for deletion: one officer asks, another approves. `workspace` and `me` are what the page around it knows. */
export function DeletionRequestsAdmin({ workspace, me }: { workspace: string; me: Me }) {
  const { data, error, reload } = useLoaded<DeletionRequest[]>(`/admin/deletion-requests?workspaceId=${workspace}`);
  const { run, isBusy, outcome } = useAction();
  return (
    <section aria-labelledby="requests">
      <h2 id="requests">Deletion requests</h2>
      <p className="quiet">
        An erasure removes the payload of a person's events for good. Whoever asks for it cannot approve it. Name a ticket or a rule as
        the reason, and no person: it is kept.
      </p>
      <Form
        label="Ask for an erasure"
        className="filter"
        onFilled={(values, form) =>
          run(async () => {
            await call("POST", "/admin/deletion-requests", { ...values, workspaceId: workspace });
            form.reset();
            reload();
            return "The request waits for somebody else's approval.";
          })
        }
      >
        <Field label="Person" name="userId" placeholder="UUID" list={Object.keys(me.names.people)} />
        <Field label="Authority" name="authority" defaultValue="GDPR" list={["GDPR", "CCPA"]} />
        <Field label="Reason" name="reason" placeholder="Art. 17 request of 3 May" />
        <button type="submit" disabled={isBusy}>
          Ask for erasure
        </button>
      </Form>
      <Result outcome={outcome} />
      <Trouble error={error} />
      {data && <RequestList requests={data} me={me} empty="Nobody has asked for a deletion in this workspace." onChanged={reload} />}
    </section>
  );
}

interface ListProps {
  requests: DeletionRequest[];
  me: Me;
  empty: string;
  onChanged: () => void;
}

export function RequestList({ requests, me, empty, onChanged }: ListProps) {
  if (requests.length === 0) return <p className="empty">{empty}</p>;
  return (
    <ul className="cards">
      {requests.map((request) => (
        <Request key={request.id} request={request} isOwn={request.requested_by_user_id === me.userId} onChanged={onChanged} />
      ))}
    </ul>
  );
}

/** What is asked for, of kinds that are about no person; what an approval does to the events, and what has been done to them then. */
const KINDS: Record<string, { subject?: string; verb: string; done: string }> = {
  erasure: { verb: "erase", done: "erased" },
  person_erasure: { verb: "erase", done: "erased" },
  purge: { subject: "Purge of archived events", verb: "purge", done: "purged" },
  cold: { subject: "Release to cold storage", verb: "release", done: "released to cold storage" },
  offboarding: { subject: "Off-boarding of the workspace", verb: "remove", done: "removed" },
};

interface RequestProps {
  request: DeletionRequest;
  isOwn: boolean;
  onChanged: () => void;
}

function Request({ request, isOwn, onChanged }: RequestProps) {
  const { run, isBusy, outcome } = useAction();
  const path = `/admin/deletion-requests/${request.id}`;
  const carryOut = (step: string, body?: unknown) =>
    run(async () => {
      const { deleted_count: number } = await call<Deletion>("POST", `${path}/${step}`, body);
      onChanged();
      return number === null ? "Approved; it can be carried out when the cooling-off period is over." : `${count(number)} events ${kind.done}.`;
    });
  const reject = (reason: string | undefined) =>
    run(async () => {
      await call("POST", `${path}/reject`, { reason });
      onChanged();
      return isOwn ? "Withdrawn." : "Rejected.";
    });
  const state = request.state === "pending" && Date.parse(request.expires_at) < Date.now() ? "expired" : request.state;
  const kind = KINDS[request.kind] ?? { verb: "delete", done: "deleted" };

  return (
    <li className="card" aria-label={`Request ${request.id}`}>
      <header>
        <h3>{kind.subject ?? <Id id={request.subject_user_id} />}</h3>
        <span className={`badge ${state}`}>{state.replace("_", " ")}</span>
      </header>
      <dl className="facts">
        <Fact term="authority">{request.deletion_authority}</Fact>
        {request.reason && <Fact term="reason">{request.reason}</Fact>}
        {request.kind === "person_erasure" && (
          <Fact term="where">{request.skip_held ? "all workspaces but those under a hold" : "all workspaces"}</Fact>
        )}
        <Fact term="asked for">
          <Time at={request.requested_at} /> by {isOwn ? "you" : <Id id={request.requested_by_user_id} />}
        </Fact>
        {state === "pending" && (
          <Fact term="expires">
            <Countdown to={request.expires_at} />
          </Fact>
        )}
        {state === "cooling_off" && request.execute_after && (
          <Fact term="may be carried out">
            <Countdown to={request.execute_after} />
          </Fact>
        )}
        {request.decided_by_user_id && (
          <Fact term={state === "rejected" ? "rejected by" : "approved by"}>
            <Id id={request.decided_by_user_id} /> {request.approval_ticket_id && <>with <span className="ticket">{request.approval_ticket_id}</span></>}
          </Fact>
        )}
        {request.rejection_reason && <Fact term="because">{request.rejection_reason}</Fact>}
      </dl>
      {state === "pending" && (
        <Form label="Approve" className="decide" onFilled={({ ticket }) => carryOut("approve", { approvalTicketId: ticket ?? "" })}>
          <Field label="Ticket of the approval" name="ticket" placeholder="GDPR-2026-001" />
          <button type="submit" className="danger" disabled={isOwn || isBusy} aria-describedby={isOwn ? `own-${request.id}` : undefined}>
            Approve and {kind.verb}
          </button>
          {isOwn && (
            <p id={`own-${request.id}`} className="quiet">
              You asked for it, so somebody else has to approve it.
            </p>
          )}
        </Form>
      )}
      {state === "cooling_off" && (
        <button type="button" className="danger" disabled={isBusy} onClick={() => carryOut("execute")}>
          Carry out
        </button>
      )}
      {["pending", "cooling_off"].includes(state) && (
        <Form label="Reject" className="decide" onFilled={({ reason }) => reject(reason)}>
          <Field label={isOwn ? "Reason to withdraw" : "Reason to reject"} name="reason" />
          <button type="submit" disabled={isBusy}>
            {isOwn ? "Withdraw" : "Reject"}
          </button>
        </Form>
      )}
      <Result outcome={outcome} />
      {request.deletion_log_id && <CertificateOf entry={request.deletion_log_id} />}
    </li>
  );
}

const Fact = ({ term, isWide, children }: { term: string; isWide?: boolean; children: React.ReactNode }) => (
  <div className={isWide ? "wide" : undefined}>
    <dt>{term}</dt>
    <dd>{children}</dd>
  </div>
);

/** What a person reads of it; the file has all. */
function CertificateText({ certificate }: { certificate: Certificate }) {
  const text = (key: string) => String(certificate[key] ?? "");
  const list = (key: string) => (Array.isArray(certificate[key]) ? certificate[key].map(String) : []);
  const months = Object.entries((certificate.events_by_month ?? {}) as Record<string, number>);
  return (
    <dl className="facts">
      <Fact term="number">{text("deletion_log_id")}</Fact>
      <Fact term="of">
        <Time at={text("deleted_at")} />
      </Fact>
      <Fact term="authority">{text("authority")}</Fact>
      <Fact term="ticket">{text("approval_ticket_id")}</Fact>
      <Fact term="events">{count(Number(certificate.event_count))}</Fact>
      {Array.isArray(certificate.parts) && <Fact term="workspaces">{count(certificate.parts.length)}</Fact>}
      {list("held_workspaces").length > 0 && (
        <Fact term="left out, under a hold" isWide>
          <ul>
            {list("held_workspaces").map((workspace) => (
              <li key={workspace}>
                <Id id={workspace} />
              </li>
            ))}
          </ul>
        </Fact>
      )}
      <Fact term="old bytes in data files">{certificate.is_scrubbed ? "removed" : "may still be there, until a scrub"}</Fact>
      <Fact term="by month" isWide>
        {months.map(([month, number], place) => (
          <span key={month}>
            {place > 0 && " · "}
            <span className="together">
              {month}: {count(number)}
            </span>
          </span>
        ))}
        {months.length === 0 && "none"}
      </Fact>
      <Fact term="erased" isWide>
        {[certificate.erased_fields ?? []].flat().join(", ").replaceAll("_", " ")}
      </Fact>
      <Fact term="what remains" isWide>
        <ul>
          {list("what_remains").map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
      </Fact>
    </dl>
  );
}

/** What was erased, when and why: to read, and to hand to the person who asked. */
function CertificateOf({ entry }: { entry: string }) {
  // Of a thousand requests few are opened.
  const [isOpen, setOpen] = useState(false);
  const { data, error } = useLoaded<Certificate>(isOpen ? `/admin/certificates/${entry}` : null);
  return (
    <details className="certificate" onToggle={(toggled) => setOpen(toggled.currentTarget.open)}>
      <summary>Certificate</summary>
      <Trouble error={error} />
      {data && (
        <>
          <CertificateText certificate={data} />
          <a className="button" href={`/api/admin/certificates/${entry}`} download={`certificate-${entry}.json`}>
            Download certificate
          </a>
        </>
      )}
    </details>
  );
}
