import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { after, test } from "node:test";
import pg from "pg";
import { ACME, freePort, owner, SUBJECT, until } from "./support.ts";

const OUT = process.env.OUT!;
const sql = owner();
const shipped = (name: string) => readFileSync(`monitoring/${name}`, "utf8");
/** A shipped file with what a test cannot wait for made short; what is to be replaced must be there. */
function quickened(name: string, changes: [RegExp, string][]) {
  let text = shipped(name);
  for (const [what, by] of changes) {
    assert.match(text, what);
    text = text.replaceAll(new RegExp(what, "g"), by);
  }
  writeFileSync(`${OUT}/${name}`, text);
  return `${OUT}/${name}`;
}

const children: ChildProcess[] = [];
after(() => children.forEach((child) => child.kill("SIGKILL")));
/** A program of Debian's; what it says is kept. */
function run(program: string, args: string[], env: Record<string, string> = {}) {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  let said = "";
  child.stdout.on("data", (data) => (said += data));
  child.stderr.on("data", (data) => (said += data));
  after(() => writeFileSync(`${OUT}/${program.split("/").at(-1)}.log`, said));
  return () => said;
}

const [smtp, exporter, sqlExporter, alertmanager, prometheus] = await Promise.all(Array.from({ length: 5 }, freePort));
const at = (port: number | undefined) => `127.0.0.1:${port}`;
const text = async (port: number | undefined, path: string) => (await fetch(`http://${at(port)}${path}`)).text();
const query = async (expression: string) => JSON.parse(await text(prometheus, `/api/v1/query?query=${encodeURIComponent(expression)}`)).data.result as any[];

// Events that are due, and one run that went well.
await sql(
  `INSERT INTO audit_events (created_at, workspace_id, created_by_user_id, action_type, resource_type)
   SELECT now() - interval '100 days' + n * interval '1 second', $1, $2, 'OLD', 'document' FROM generate_series(1, 5000) AS n`,
  [ACME, SUBJECT],
);
await sql("SELECT create_monthly_audit_partition()");
await sql("UPDATE audit_retention_policies SET hot_retention_days = 300 WHERE workspace_id = $1", [ACME]);
await sql("SELECT archive_old_audit_events()");
await sql("UPDATE audit_retention_policies SET hot_retention_days = 99 WHERE workspace_id = $1", [ACME]);

const mails = run("/usr/bin/python3", ["-u", "-m", "aiosmtpd", "-n", "-l", at(smtp), "-c", "aiosmtpd.handlers.Debugging", "stdout"]);
const exporterSaid = run(
  "prometheus-postgres-exporter",
  [`--web.listen-address=${at(exporter)}`, `--extend.query-path=${quickened("queries.yaml", [[/cache_seconds: 30/, "cache_seconds: 1"]])}`, "--disable-default-metrics", "--disable-settings-metrics", "--no-collector.bgwriter"],
  { DATA_SOURCE_NAME: `host=${process.env.PGHOST} user=audit_monitor dbname=web sslmode=disable` },
);
run("prometheus-sql-exporter", [
  `-web.listen-address=${at(sqlExporter)}`,
  `-config.file=${quickened("sql_exporter.yml", [[/interval: 30s/, "interval: 1s"], [/postgres:\S+sslmode=require/, `postgres://audit_monitor@/web?host=${process.env.PGHOST}&sslmode=disable`]])}`,
]);
run("prometheus-alertmanager", [
  `--config.file=${quickened("alertmanager.yml", [[/HOST:25/, at(smtp)], [/smtp_from:/, "smtp_require_tls: false\n  smtp_from:"], [/group_by: \[alertname\]/, "group_by: [alertname]\n  group_wait: 0s\n  group_interval: 1s"]])}`,
  `--web.listen-address=${at(alertmanager)}`, "--cluster.listen-address=", `--storage.path=${OUT}/alertmanager`,
]);
quickened("rules.yml", [[/for: 1m/, "for: 2s"]]);
writeFileSync(
  `${OUT}/prometheus.yml`,
  `global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [rules.yml]
alerting: {alertmanagers: [{static_configs: [{targets: ['${at(alertmanager)}']}]}]}
scrape_configs: [{job_name: audit, static_configs: [{targets: ['${at(exporter)}']}]}]
`,
);
run("prometheus", [`--config.file=${OUT}/prometheus.yml`, `--web.listen-address=${at(prometheus)}`, `--storage.tsdb.path=${OUT}/prometheus`]);

test("the exporter's role sees health and figures, and not one event", async () => {
  const monitor = new pg.Client({ user: "audit_monitor" });
  await monitor.connect();
  for (const allowed of ["audit_health()", "audit_metrics()", "partition_schedule"]) assert.ok((await monitor.query(`SELECT * FROM ${allowed}`)).rows.length > 0);
  for (const refused of ["audit_events", "audit_events_archive", "vw_security_audit", "audit_deletion_log", "audit_deletion_requests", "audit_legal_holds", "audit_retention_policies", `get_audit_trail('${ACME}')`, "archive_old_audit_events()", "insert_audit_event('X', 'y')"]) {
    await assert.rejects(monitor.query(`SELECT * FROM ${refused}`), { code: "42501" }, refused);
  }
  await monitor.end();
});

test("figures: one series each, no label with a workspace, a user or a role, and quick enough for every 15 seconds", async () => {
  const rows = await sql("SELECT metric, labels FROM audit_metrics()");
  const keys = rows.map((row) => `${row.metric} ${JSON.stringify(row.labels)}`);
  assert.equal(new Set(keys).size, keys.length);
  assert.deepEqual([...new Set(rows.flatMap((row) => Object.keys(row.labels)))].sort(), ["check", "state", "table"]);
  for (const row of rows) assert.match(row.metric, /^audit_[a-z_]+$/);
  const begun = Date.now();
  for (let run = 0; run < 5; run++) await sql("SELECT * FROM audit_metrics()");
  assert.ok((Date.now() - begun) / 5 < 2000, `${(Date.now() - begun) / 5} ms`);
});

test("both exporters tell of the trail, and every plot of the dashboard has data", async () => {
  await until(async () => (await query("audit_health_status")).length > 5, "Prometheus has the checks");
  const dashboard = JSON.parse(shipped("grafana.json"));
  const expressions: string[] = dashboard.panels.flatMap((panel: any) => panel.targets.map((target: any) => target.expr));
  assert.ok(expressions.length >= 6);
  for (const expression of expressions) await until(async () => (await query(expression)).length > 0, `the plot of ${expression} has data`);
  assert.doesNotMatch(exporterSaid(), /level=error/);
  await until(async () => /sql_audit_health_status\{.*check_name="archive_run"/.test(await text(sqlExporter, "/metrics")), "sql_exporter tells of the archive");
  assert.match(await text(sqlExporter, "/metrics"), /sql_audit_archive_last_success_timestamp_seconds\{.*\} 1\.\d+e\+09/);
});

test("a failed archive run is mailed, and so is that it is well again", async () => {
  assert.deepEqual(await query('ALERTS{alertname="AuditArchiveFailed"}'), []);
  const scheduler = new pg.Client({ user: "postgres" });
  await scheduler.connect();
  await scheduler.query("BEGIN; SELECT archive_old_audit_events(); ROLLBACK");
  await scheduler.end();
  await until(async () => /^Subject: \[FIRING:1\] AuditArchiveFailed/m.test(mails()), "a mail says that the archive fails", 30);
  assert.match(mails(), /^To: officers@example.test/m);
  await sql("SELECT archive_old_audit_events()");
  await until(async () => /^Subject: \[RESOLVED\] AuditArchiveFailed/m.test(mails()), "a mail says that it is well again", 30);
});
