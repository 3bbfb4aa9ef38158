import type { RetentionLine, RetentionPolicy } from "@audit-ext/client";
import { call, useAction, useLoaded } from "./api.ts";
import { Segments } from "./plot.tsx";
import { count, Day, Field, Form, Result, Time, Trouble } from "./words.tsx";

const DEFAULTS = { hot_retention_days: 90, warm_archive_days: 365, is_compliance_mode: false } as RetentionPolicy;
const OUTCOMES: Record<string, string> = { keep: "stay", archive: "move to the archive with the next run", purge: "may be purged" };

/** What the policy says, what the next run would do, and why. */
export function Retention({ workspace }: { workspace: string }) {
  const path = `/admin/retention?workspaceId=${workspace}`;
  const { data, error, reload } = useLoaded<{ lines: RetentionLine[]; policy: RetentionPolicy | null }>(path);
  const { run, isBusy, outcome } = useAction();
  const policy = data?.policy ?? DEFAULTS;
  const { hot_retention_days: hot, warm_archive_days: warm, is_compliance_mode: keepsAll } = policy;
  const save = (values: Record<string, string | undefined>) =>
    run(async () => {
      const { hot: hotDays, warm: warmDays, compliance: reason } = values;
      await call("PUT", `/admin/policies/${workspace}`, {
        hot_retention_days: Number(hotDays),
        warm_archive_days: Number(warmDays),
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
              { name: keepsAll ? "keep" : "purge", value: warm * 0.25, text: keepsAll ? "then kept for ever" : "then it may be purged" },
            ]}
          />
          {["hot", "archive"].map((location) => (
            <Where key={location} location={location} lines={data.lines.filter((line) => line.location === location)} />
          ))}
          <h3>Policy</h3>
          {policy.protected_until && (
            <p className="notice">
              A change that lets events go earlier counts from <Time at={policy.protected_until} />.
            </p>
          )}
          <Form key={policy.updated_at} label="Policy" className="filter" onFilled={save}>
            <Field label="Days hot" name="hot" type="number" defaultValue={hot} />
            <Field label="Days until purge" name="warm" type="number" defaultValue={warm} />
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

function Where({ location, lines }: { location: string; lines: RetentionLine[] }) {
  const total = lines.reduce((sum, line) => sum + line.event_count, 0);
  return (
    <>
      <h3>{location === "hot" ? "Hot events" : "Archived events"}</h3>
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

const colourOf = ({ location, outcome }: RetentionLine) =>
  outcome === "purge" ? "purge" : outcome === "archive" || location === "archive" ? "archive" : "hot";

const Line = ({ line }: { line: RetentionLine }) => (
  <>
    {count(line.event_count)} {OUTCOMES[line.outcome] ?? line.outcome}: {line.reason.replaceAll("_", " ")}
    <span className="quiet">
      , of <Day at={line.oldest_event_at} /> to <Day at={line.newest_event_at} />
    </span>
  </>
);
