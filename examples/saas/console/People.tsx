import type { DeletionRequest } from "@audit-ext/client";
import { call, type Me, save, useAction, useLoaded } from "./api.ts";
import { RequestList } from "./Requests.tsx";
import { Check, Field, Form, Result, Trouble } from "./words.tsx";

/** Under which requests about all workspaces stand. */
const ALL = "00000000-0000-0000-0000-000000000000";

/** What a person may ask of the trail: to know, and to be forgotten, in all workspaces. */
export function People({ me }: { me: Me }) {
  const { data, error, reload } = useLoaded<DeletionRequest[]>(`/admin/deletion-requests?workspaceId=${ALL}`);
  const erasure = useAction();
  const ask = ({ skipHeld, ...values }: Record<string, string | undefined>, form: HTMLFormElement) =>
    erasure.run(async () => {
      await call("POST", "/admin/person-deletion-requests", { ...values, skipHeld: skipHeld === "true" });
      form.reset();
      reload();
      return "The request waits for somebody else's approval.";
    });
  return (
    <section aria-labelledby="people">
      <h2 id="people">People</h2>
      <AccessRequest me={me} />
      <h3>Erasure in all workspaces</h3>
      <p className="quiet">
        It removes the payload of a person's events everywhere, for good. A hold on any of the workspaces refuses it, unless those are left
        out. Name a ticket or a rule as the reason, and no person: it is kept.
      </p>
      <Form label="Ask for an erasure in all workspaces" className="filter" onFilled={ask}>
        <Field label="Person to erase" name="userId" placeholder="UUID" list={Object.keys(me.names.people)} />
        <Field label="Authority of the erasure" name="authority" defaultValue="GDPR" list={["GDPR", "CCPA"]} />
        <Field label="Reason to erase" name="reason" placeholder="Art. 17 request of 3 May" />
        <Check label="Leave out workspaces under a hold" name="skipHeld" />
        <button type="submit" disabled={erasure.isBusy}>
          Ask for erasure everywhere
        </button>
      </Form>
      <Result outcome={erasure.outcome} />
      <Trouble error={error} />
      {data && <RequestList requests={data} me={me} empty="Nobody has asked for an erasure in all workspaces." onChanged={reload} />}
    </section>
  );
}

/** The file is for the person who asked, once somebody has read it. */
function AccessRequest({ me }: { me: Me }) {
  const { run, isBusy, outcome } = useAction();
  const answer = (values: Record<string, string | undefined>) =>
    run(async () => {
      // What was left empty is the database's to refuse.
      const { userId, authority = "", approvalTicketId = "" } = values;
      await save("POST", "/admin/access-requests", { userId, authority, approvalTicketId }, "access-request.ndjson");
      return "The file is whole. Documents in it may name others: read it before you hand it out.";
    });
  return (
    <>
      <h3>Request for access</h3>
      <p className="quiet">
        The file has the person's events of all workspaces, by them and about them. Who else acted is masked. That it was answered is recorded.
      </p>
      <Form label="Answer a request for access" className="filter" onFilled={answer}>
        <Field label="Person who asks" name="userId" placeholder="UUID" list={Object.keys(me.names.people)} />
        <Field label="Authority of the request" name="authority" defaultValue="GDPR" list={["GDPR", "CCPA"]} />
        <Field label="Ticket of the request" name="approvalTicketId" placeholder="GDPR-2026-002" />
        <button type="submit" disabled={isBusy}>
          Download events
        </button>
      </Form>
      <Result outcome={outcome} />
    </>
  );
}
