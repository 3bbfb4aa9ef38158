import type { DeletionRequest } from "@audit-ext/client";
import { call, type Me, useAction, useLoaded } from "./api.ts";
import { RequestList } from "./Requests.tsx";
import { Field, Form, Result, Trouble } from "./words.tsx";

/** A workspace leaves: its events are exported, whole, and then removed when another officer approves. */
export function Offboarding({ workspace, me }: { workspace: string; me: Me }) {
  const { data, error, reload } = useLoaded<DeletionRequest[]>(`/admin/deletion-requests?workspaceId=${workspace}`);
  const { run, isBusy, outcome } = useAction();
  const requests = data?.filter((request) => request.kind === "offboarding");
  const ask = (values: Record<string, string | undefined>, form: HTMLFormElement) =>
    run(async () => {
      await call("POST", "/admin/offboarding-requests", { ...values, workspaceId: workspace });
      form.reset();
      reload();
      return "The request waits for somebody else's approval.";
    });
  return (
    <section aria-labelledby="offboarding">
      <h2 id="offboarding">Off-boarding</h2>
      <p className="quiet">
        All events of this workspace are removed for good, whatever their age. A whole export, read to its end in the last 30 days, must have them.
      </p>
      <p>
        <a className="button" href={`/api/audit/search.ndjson?${new URLSearchParams({ workspaceId: workspace, from: "-infinity" })}`} download>
          Download whole export
        </a>
      </p>
      <Form label="Ask for the off-boarding" className="filter" onFilled={ask}>
        <Field label="Authority of the off-boarding" name="authority" placeholder="end of contract" />
        <Field label="Reason to off-board" name="reason" placeholder="ticket 4711" />
        <button type="submit" disabled={isBusy}>
          Ask for off-boarding
        </button>
      </Form>
      <Result outcome={outcome} />
      <Trouble error={error} />
      {requests && <RequestList requests={requests} me={me} empty="Nobody has asked for this workspace to be off-boarded." onChanged={reload} />}
    </section>
  );
}
