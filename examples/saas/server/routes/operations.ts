import { Hono } from "hono";
import type { Allow, Env } from "../auth.ts";

/** What a scheduler and whoever is on duty call. */
export function operations(allow: Allow) {
  return new Hono<Env>()
    .post("/archive-audit", allow("operator"), async (c) => c.json(await c.get("audit").archiveAuditEvents()))
    .post("/create-partitions", allow("operator"), async (c) => c.json(await c.get("audit").partitions()))
    .get("/health", allow("operator"), async (c) => {
      const [checks, metrics] = await Promise.all([c.get("audit").health(), c.get("audit").metrics()]);
      return c.json({ checks, metrics });
    });
}
