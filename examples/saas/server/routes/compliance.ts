import { Hono } from "hono";
import type { Allow, Env } from "../auth.ts";
import type { Download } from "../download.ts";
import { fields } from "../http.ts";

const POLICY = [
  "hot_retention_days", "warm_archive_days", "cold_retention_days", "is_compliance_mode", "compliance_reason", "requires_approval",
  "archive_by", "approval_expiry_days", "cooling_off_days",
] as const;

/** What compliance officers do. Who may approve, and whether a hold stands in the way, the database decides. */
export function compliance(allow: Allow, download: Download) {
  const officer = allow("compliance");
  return new Hono<Env>()
    .get("/deletion-requests", officer, async (c) => {
      const { workspaceId: workspace_id, state } = c.req.query();
      return c.json(await c.get("audit").workflow.requests({ ...(workspace_id && { workspace_id }), ...(state && { state }) }));
    })
    .post("/deletion-requests", officer, async (c) => {
      const { userId, workspaceId, authority, reason } = await fields(c, ["userId", "workspaceId", "authority", "reason"]);
      return c.json({ id: await c.get("audit").workflow.request(userId, workspaceId, authority, reason) }, 201);
    })
    .post("/deletion-requests/:id/approve", officer, async (c) => {
      const { approvalTicketId } = await fields(c, ["approvalTicketId"]);
      return c.json(await c.get("audit").workflow.approve(c.req.param("id"), approvalTicketId));
    })
    .post("/deletion-requests/:id/reject", officer, async (c) => {
      const { reason } = await fields(c, ["reason"]);
      await c.get("audit").workflow.reject(c.req.param("id"), reason);
      return c.body(null, 204);
    })
    .post("/deletion-requests/:id/execute", officer, async (c) => c.json(await c.get("audit").workflow.execute(c.req.param("id"))))
    .post("/person-deletion-requests", officer, async (c) => {
      const { userId, authority, ...options } = await fields(c, ["userId", "authority", "reason", "includeEventsAboutUser", "skipHeld"]);
      return c.json({ id: await c.get("audit").workflow.requestPerson(userId, authority, options) }, 201);
    })
    .post("/offboarding-requests", officer, async (c) => {
      const { workspaceId, authority, reason } = await fields(c, ["workspaceId", "authority", "reason"]);
      return c.json({ id: await c.get("audit").workflow.requestOffboarding(workspaceId, authority, reason) }, 201);
    })
    // Not by GET: person and ticket stay out of addresses, which are logged.
    .post("/access-requests", officer, async (c) => {
      const request = await fields(c, ["userId", "authority", "approvalTicketId", "includeEventsAboutUser", "maskOthers"]);
      const lines = c.get("audit").exportPerson(request as Parameters<typeof c.var.audit.exportPerson>[0]);
      return download(c, lines, "access-request", "ndjson");
    })
    .get("/certificates/:id", officer, async (c) => c.json(await c.get("audit").certificate(c.req.param("id"))))
    .post("/delete-user-gdpr", officer, async (c) => {
      const request = await fields(c, ["userId", "workspaceId", "authority", "approvalTicketId"]);
      return c.json(await c.get("audit").deleteUserAuditEventsCompliant(request as Parameters<typeof c.var.audit.erase>[0]));
    })
    .get("/holds", officer, async (c) => {
      const workspace_id = c.req.query("workspaceId");
      return c.json(await c.get("audit").holds.list(workspace_id ? { workspace_id } : {}));
    })
    .post("/holds", officer, async (c) => {
      const { workspaceId, reason, userId } = await fields(c, ["workspaceId", "reason", "userId"]);
      return c.json({ id: await c.get("audit").holds.place(workspaceId, reason, userId || undefined) }, 201);
    })
    .post("/holds/:id/release", officer, async (c) => {
      const { reason } = await fields(c, ["reason"]);
      await c.get("audit").holds.release(c.req.param("id"), reason);
      return c.body(null, 204);
    })
    .get("/policies", officer, async (c) => c.json(await c.get("audit").retention.policies()))
    .put("/policies/:workspaceId", officer, async (c) =>
      c.json(await c.get("audit").retention.save({ ...(await fields(c, POLICY)), workspace_id: c.req.param("workspaceId") })),
    )
    .get("/retention", allow("compliance", "operator"), async (c) => {
      const workspaceId = c.req.query("workspaceId") ?? "";
      const audit = c.get("audit");
      const [lines, policies] = await Promise.all([
        audit.retention.explain(workspaceId),
        audit.retention.policies({ workspace_id: workspaceId }),
      ]);
      return c.json({ lines, policy: policies[0] ?? null });
    });
}
