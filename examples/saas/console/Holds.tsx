import type { LegalHold } from "@audit-ext/client";
import { call, type Me, useAction, useLoaded } from "./api.ts";
import { Field, Form, Id, Result, Time, Trouble } from "./words.tsx";

/** Legal holds: what is held is neither erased nor purged. */
export function Holds({ workspace, me }: { workspace: string; me: Me }) {
  const { data, error, reload } = useLoaded<LegalHold[]>(`/admin/holds?workspaceId=${workspace}`);
  const { run, isBusy, outcome } = useAction();
  const place = (values: Record<string, string | undefined>, form: HTMLFormElement) =>
    run(async () => {
      await call("POST", "/admin/holds", { ...values, workspaceId: workspace });
      form.reset();
      reload();
      return "The hold is in force.";
    });
  return (
    <section aria-labelledby="holds">
      <h2 id="holds">Legal holds</h2>
      <Form label="Place a hold" className="filter" onFilled={place}>
        <Field label="Reason" name="reason" placeholder="case 2026-17" />
        <Field label="Only events of (empty: all)" name="userId" placeholder="UUID" list={Object.keys(me.names.people)} />
        <button type="submit" disabled={isBusy}>
          Place hold
        </button>
      </Form>
      <Result outcome={outcome} />
      <Trouble error={error} />
      {data?.length === 0 && <p className="empty">Nothing is held in this workspace.</p>}
      <ul className="cards">
        {data?.map((hold) => (
          <Hold key={hold.id} hold={hold} onChanged={reload} />
        ))}
      </ul>
    </section>
  );
}

function Hold({ hold, onChanged }: { hold: LegalHold; onChanged: () => void }) {
  const { run, isBusy, outcome } = useAction();
  const release = (reason: string | undefined) =>
    run(async () => {
      await call("POST", `/admin/holds/${hold.id}/release`, { reason });
      onChanged();
      return "Released.";
    });
  return (
    <li className="card">
      <header>
        <h3>{hold.reason}</h3>
        <span className={`badge ${hold.released_at ? "" : "pending"}`}>{hold.released_at ? "released" : "in force"}</span>
      </header>
      <p>
        Holds {hold.user_id ? <>events of <Id id={hold.user_id} /></> : "the whole workspace"}, placed <Time at={hold.placed_at} /> by{" "}
        <Id id={hold.placed_by_user_id} />.
      </p>
      {hold.released_at ? (
        <p>
          Released <Time at={hold.released_at} /> by <Id id={hold.released_by_user_id} />: {hold.release_reason}
        </p>
      ) : (
        <Form label="Release" className="decide" onFilled={({ reason }) => release(reason)}>
          <Field label="Reason to release" name="reason" />
          <button type="submit" disabled={isBusy}>
            Release
          </button>
        </Form>
      )}
      <Result outcome={outcome} />
    </li>
  );
}
