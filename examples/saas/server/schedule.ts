import type { createAuditClient } from "@audit-ext/client";
import cron from "node-cron";

/** The guide's two jobs, for databases without pg_cron: archive daily at 2, partitions on the first of the month at 1. */
export async function schedule(client: ReturnType<typeof createAuditClient>) {
  const operator = client.as({ role: "audit_operator" });
  const checks = await operator.health();
  if (checks.some((check) => check.check_name === "scheduled_jobs" && check.status === "ok")) return [];
  const job = (name: string, run: () => Promise<unknown>) => () =>
    run().catch((error) => console.error(`${name} failed; audit_health() tells of it:`, error));
  return [
    cron.schedule("0 2 * * *", job("archive", operator.archiveAuditEvents)),
    cron.schedule("0 1 1 * *", job("partitions", operator.createNextMonthPartition)),
  ];
}
