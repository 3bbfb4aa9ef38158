import type { RetentionLine, RetentionPolicy } from "@audit-ext/client";
import { call, useAction, useLoaded } from "./api.ts";
import { Segments } from "./plot.tsx";
import { count, Day, Field, Form, Result, Time, Trouble } from "./words.tsx";

const DEFAULTS = { hot_retention_days: 90, warm_archive_days: 365, cold_retention_days: null, is_compliance_mode: false } as RetentionPolicy;
const LOCATIONS = { hot: "Hot events", archive: "Archived events", cold: "Events in cold storage" };
const OUTCOMES: Record<string, string> = {
  keep: "stay", archive: "move to the archive with the next run", cold: "may go to cold storage", return: "may go back to cold storage", purge: "may be purged",
};

/** What the policy says, what the next run would do, and why. */
export function Retention({ workspace }: { workspace: string }) {
  const path = `/admin/retention?workspaceId=${workspace}`;
  const { data, error, reload } = useLoaded<{ lines: RetentionLine[]; policy: RetentionPolicy | null }>(path);
  const { run, isBusy, outcome } = useAction();
  const policy = data?.policy ?? DEFAULTS;
  const { hot_retention_days: hot, warm_archive_days: warm, cold_retention_days: cold, is_compliance_mode: keepsAll } = policy;
  const save = (values: Record<string, string | undefined>) =>
    run(async () => {
      const { hot: hotDays, warm: warmDays, cold: coldDays, compliance: reason } = values;
      await call("PUT", `/admin/policies/${workspace}`, {
        hot_retention_days: Number(hotDays),
        warm_archive_days: Number(warmDays),
        cold_retention_days: coldDays === undefined ? null : Number(coldDays),
        is_compliance_mode: reason !== undefined,
        compliance_reason: reason ?? null,
        requires_approval: values.approval === "on",
      });
      reload();
      return "Saved. The change is an event of the trail.";
    });
  return (
    <section aria-labelledby="retention">
      <h2 id="retention">Retention</h2>
      <Trouble error={error} />
      {data && (
        <>
          <h3>Life of an event</h3>
          <Segments
            label="Days from its recording"
            segments={[
              { name: "hot", value: hot, text: `${count(hot)} days hot` },
              { name: "archive", value: warm - hot, text: `then archived to day ${count(warm)}` },
              ...(cold === null ? [] : [{ name: "cold", value: cold - warm, text: `then it may be in cold storage, to day ${count(cold)}` }]),
              { name: keepsAll ? "keep" : "purge", value: (cold ?? warm) * 0.25, text: keepsAll ? "then kept for ever" : "then it may be purged" },
            ]}
          />
          {Object.entries(LOCATIONS).map(([location, title]) => (
            <Where key={location} title={title} lines={data.lines.filter((line) => line.location === location)} />
          ))}
          <h3>Policy</h3>
          {policy.protected_until && (
            <p className="notice">
              A change that lets events go earlier counts from <Time at={policy.protected_until} />.
            </p>
          )}
          <Form key={policy.updated_at} label="Policy" className="filter" onFilled={save}>
            <Field label="Days hot" name="hot" type="number" defaultValue={hot} />
            <Field label="Days until purge or cold storage" name="warm" type="number" defaultValue={warm} />
            <Field label="Days until purge, with cold storage" name="cold" type="number" defaultValue={cold ?? ""} placeholder="none" />
            <Field label="Rule to keep all (compliance mode)" name="compliance" defaultValue={policy.compliance_reason ?? ""} placeholder="none" />
            <label className="check">
              <input type="checkbox" name="approval" defaultChecked={policy.requires_approval} />
              <span>Deletion takes two officers</span>
            </label>
            <button type="submit" disabled={isBusy}>
              Save policy
            </button>
          </Form>
        </>
      )}
      <Result outcome={outcome} />
    </section>
  );
}

function Where({ title, lines }: { title: string; lines: RetentionLine[] }) {
  const total = lines.reduce((sum, line) => sum + line.event_count, 0);
  return (
    <>
      <h3>{title}</h3>
      {total === 0 ? (
        <p className="empty">There are none.</p>
      ) : (
          <Segments
            label={`${count(total)} events`}
            segments={lines.map((line) => ({ name: colourOf(line), value: line.event_count, text: <Line line={line} /> }))}
          />
      )}
    </>
  );
}

/** Of where the events are going to be. */
const colourOf = ({ location, outcome }: RetentionLine) => (outcome === "keep" ? location : outcome === "return" ? "cold" : outcome);

const Line = ({ line }: { line: RetentionLine }) => (
  <>
    {count(line.event_count)} {OUTCOMES[line.outcome] ?? line.outcome}: {line.reason.replaceAll("_", " ")}
    <span className="quiet">
      , of <Day at={line.oldest_event_at} /> to <Day at={line.newest_event_at} />
    </span>
  </>
);
