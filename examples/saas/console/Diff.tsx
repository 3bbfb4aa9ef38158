import type { AuditEvent } from "@audit-ext/client";

type Values = Record<string, unknown>;

const isObject = (value: unknown): value is Values => typeof value === "object" && value !== null && !Array.isArray(value);
const textOf = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value, null, 1));

/** What an event changed: the changed fields with their values before and after, then what else is known of the old or new state. */
export function Diff({ event }: { event: AuditEvent }) {
  const before = isObject(event.old_values) ? event.old_values : {};
  const after = isObject(event.new_values) ? event.new_values : {};
  const changed = event.changed_fields ?? Object.keys({ ...before, ...after });
  const same = event.changed_fields ? Object.keys(before).filter((field) => !changed.includes(field)) : [];
  if (changed.length === 0 && same.length === 0) return <p className="quiet">No values were recorded.</p>;
  return (
    <>
      <table className="diff">
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        {changed.map((field) => (
          <tr key={field}>
            <th scope="row">{field}</th>
            <td data-label="Before">{Object.hasOwn(before, field) && <del>{textOf(before[field])}</del>}</td>
            <td data-label="After">{Object.hasOwn(after, field) && <ins>{textOf(after[field])}</ins>}</td>
          </tr>
        ))}
      </tbody>
    </table>
    {same.length > 0 && (
      <details className="same">
        <summary>{same.length === 1 ? "1 field that stayed" : `${same.length} fields that stayed`}</summary>
        <dl className="facts">
          {same.map((field) => (
            <div key={field}>
              <dt>{field}</dt>
              <dd>{textOf(before[field])}</dd>
            </div>
          ))}
        </dl>
      </details>
    )}
    </>
  );
}
