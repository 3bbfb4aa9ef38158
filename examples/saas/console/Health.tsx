import type { HealthCheck, Metric } from "@audit-ext/client";
import { useEffect, useRef } from "react";
import { useLoaded } from "./api.ts";
import { Bar, Sparkline } from "./plot.tsx";
import { count, Trouble } from "./words.tsx";

const EVERY_SECONDS = 15;
const KEPT = 120;
const keyOf = (metric: Metric) => `${metric.metric} ${JSON.stringify(metric.labels)}`;

/** The checks with what to do, and the figures since the page was opened. */
export function Health() {
  const { data, error } = useLoaded<{ checks: HealthCheck[]; metrics: Metric[] }>("/admin/health", EVERY_SECONDS);
  const history = useRef(new Map<string, number[]>());
  useEffect(() => {
    for (const metric of data?.metrics ?? []) {
      const values = history.current.get(keyOf(metric)) ?? [];
      history.current.set(keyOf(metric), [...values, metric.value].slice(-KEPT));
    }
  }, [data]);
  const figures = Map.groupBy(data?.metrics.filter((metric) => metric.metric !== "audit_check_status") ?? [], (metric) => metric.metric);
  const worst = data?.checks.some((check) => check.status === "fail") ? "fail" : data?.checks.some((check) => check.status === "warn") ? "warn" : "ok";
  return (
    <section aria-labelledby="health">
      <h2 id="health">Health</h2>
      <Trouble error={error} />
      {data && (
        <>
          <p role="status" className={`notice ${worst === "ok" ? "good" : worst === "warn" ? "" : "bad"}`}>
            {worst === "ok" ? "All checks are well." : worst === "warn" ? "Something wants to be looked at." : "Something fails."}
          </p>
          <ul className="checks">
            {[...data.checks].sort(byUrgency).map((check, place) => (
              <li key={place}>
                <span className={`badge ${check.status}`}>{check.status}</span>
                <div>
                  <strong>{check.check_name.replaceAll("_", " ")}</strong>
                  <p>{check.detail}</p>
                  {check.hint && <p className="quiet">{check.hint}</p>}
                </div>
              </li>
            ))}
          </ul>
          <h3>Figures</h3>
          <div className="figures">
            {[...figures].map(([name, metrics]) => (
              <Figure key={name} metrics={metrics} history={history.current} />
            ))}
          </div>
        </>
      )}
    </section>
  );
}

const URGENCY = ["fail", "warn", "ok"];
const byUrgency = (one: HealthCheck, other: HealthCheck) => URGENCY.indexOf(one.status) - URGENCY.indexOf(other.status);

function Figure({ metrics, history }: { metrics: Metric[]; history: Map<string, number[]> }) {
  const most = Math.max(...metrics.map((metric) => metric.value), 1);
  return (
    <figure className="card">
      <figcaption>{metrics[0]!.help}</figcaption>
      {metrics.map((metric) => (
        <div key={keyOf(metric)} className="figure">
          <span>{Object.values(metric.labels).join(" ").replaceAll("_", " ")}</span>
          <strong>{inWords(metric)}</strong>
          {metrics.length > 1 ? <Bar share={metric.value / most} /> : <Sparkline values={history.get(keyOf(metric)) ?? [metric.value]} />}
        </div>
      ))}
    </figure>
  );
}

function inWords({ metric, value }: Metric): string {
  if (metric.endsWith("_timestamp_seconds")) return `${new Date(value * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  if (metric.endsWith("_seconds")) return value < 86400 ? `${(value / 3600).toFixed(1)} h` : `${(value / 86400).toFixed(1)} days`;
  if (metric.endsWith("_bytes")) return `${(value / 2 ** 20).toFixed(1)} MB`;
  return count(value);
}
