import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { chromium, type Page, type Request } from "playwright-core";
import { ACME, ADA, BEN, owner, server, startApi, SUBJECT, token, until } from "./support.ts";
import { findings } from "./page-checks.ts";

const OUT = process.env.OUT!;
/** The pages, and what is there when they have loaded. */
const PAGES = { Trail: /events shown/, Requests: "Certificate", People: "Certificate", "Off-boarding": "off-boarded", Retention: "Save policy", Holds: "released", Health: "Figures" };
const NAMES = { workspaces: { [ACME]: "Acme" }, people: { [ADA]: "Ada Okafor", [BEN]: "Ben Larsen", [SUBJECT]: "Sam Subject" } };
const BLOCKED = "net::ERR_BLOCKED_BY_RESPONSE.NotSameOrigin";
const MARKUP = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>"'><svg onload=window.hacked=1>`;

const sql = owner();
await sql(
  `INSERT INTO audit_events (created_at, workspace_id, created_by_user_id, action_type, resource_type, resource_id, old_values, new_values, ip_address, user_agent)
   SELECT now() - (400 - n) * interval '1 day', $1, $2, CASE n % 2 WHEN 0 THEN 'UPDATE_DOCUMENT' ELSE 'VIEW_REPORT' END, 'document', gen_random_uuid(),
     CASE n % 2 WHEN 0 THEN jsonb_build_object('title', 'Draft ' || n, 'pages', n) END, CASE n % 2 WHEN 0 THEN jsonb_build_object('title', 'Final ' || n, 'pages', n, 'signed', true) END,
     '203.0.113.9', 'Mozilla/5.0' FROM generate_series(1, 399) AS n`,
  [ACME, SUBJECT],
);
await sql("SELECT create_monthly_audit_partition(), archive_old_audit_events()");
mkdirSync(OUT, { recursive: true });
writeFileSync(`${OUT}/names.json`, JSON.stringify(NAMES));
const api = await startApi({ AUDIT_NAMES: `${OUT}/names.json` });
const bearer = (person: string) => token(person, { audit: ["reader", "compliance", "operator"] });

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
after(() => browser.close());

/** A window of somebody's own, logged in; what its pages complain of and ask for is kept. */
async function logIn(person: string, options: Parameters<typeof browser.newContext>[0] = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => requests.push(request.url()));
  page.setDefaultTimeout(10_000);
  await page.goto(`${api.url}/#token=${await bearer(person)}`);
  await page.getByRole("heading", { name: "Trail", exact: true }).waitFor();
  return { context, page, complaints, requests };
}

const go = async (page: Page, name: string) => {
  await page.getByRole("link", { name, exact: true }).click();
  await page.getByRole("heading", { level: 2 }).waitFor();
};
const alert = (page: Page) => page.getByRole("alert").innerText();
const ada = await logIn(ADA);
const ben = await logIn(BEN);

const ask = async (page: Page, person: string, reason = "Art. 17") => {
  await go(page, "Requests");
  await page.getByLabel("Person").fill(person);
  await page.getByLabel("Reason", { exact: true }).fill(reason);
  await page.getByRole("button", { name: "Ask for erasure" }).click();
  await page.getByText("The request waits for somebody else's approval.").waitFor();
};

/** A workspace with one event of the subject. */
async function workspaceOf(action: string) {
  const [{ id }] = await sql("SELECT gen_random_uuid() AS id");
  await sql("SELECT insert_audit_event($1, 'thing', NULL, $2, $3, NULL, $4)", [action, id, SUBJECT, { note: action }]);
  return id as string;
}

test("the session is a cookie that no script sees, and the token is stored nowhere", async () => {
  const [cookie] = await ada.context.cookies();
  const { name, httpOnly, secure, sameSite } = cookie!;
  assert.deepEqual({ name, httpOnly, secure, sameSite }, { name: "audit_session", httpOnly: true, secure: true, sameSite: "Strict" });
  const seen = await ada.page.evaluate(() => [document.cookie, location.href, Object.keys(localStorage), Object.keys(sessionStorage)].join());
  assert.doesNotMatch(seen, /token|eyJ|audit_session/);
});

test("four eyes: asked by one, refused to them, refused without ticket and under a hold, approved by another, certified, in the trail", async () => {
  await ask(ada.page, SUBJECT);
  const own = ada.page.getByRole("listitem").filter({ hasText: "Sam Subject" });
  assert.ok(await own.getByRole("button", { name: "Approve and erase" }).isDisabled());
  await own.getByText("somebody else has to approve it").waitFor();
  const [{ id }] = await sql("SELECT id FROM audit_deletion_requests WHERE subject_user_id = $1", [SUBJECT]);
  const forced = await ada.page.evaluate((path) => fetch(path, { method: "POST", body: '{"approvalTicketId": "T-1"}' }).then((answer) => answer.status), `/api/admin/deletion-requests/${id}/approve`);
  assert.equal(forced, 403);

  await go(ben.page, "Requests");
  const request = ben.page.getByRole("listitem").filter({ hasText: "Sam Subject" });
  const approve = request.getByRole("button", { name: "Approve and erase" });
  await approve.click();
  assert.match(await alert(ben.page), /p_approval_ticket_id/);

  await go(ada.page, "Holds");
  await ada.page.getByLabel("Reason", { exact: true }).fill("case 2026-17");
  await ada.page.getByRole("button", { name: "Place hold" }).click();
  await ada.page.getByText("The hold is in force.").waitFor();
  const [{ id: hold }] = await sql("SELECT id FROM audit_legal_holds");
  await request.getByLabel("Ticket of the approval").fill("GDPR-2026-001");
  await approve.click();
  await ben.page.getByRole("alert").filter({ hasText: "held" }).waitFor();
  assert.match(await alert(ben.page), new RegExp(hold));
  await ada.page.getByLabel("Reason to release").fill("the case is over");
  await ada.page.getByRole("button", { name: "Release" }).click();
  await ada.page.getByText("Released", { exact: false }).first().waitFor();

  await approve.click();
  await request.getByText("399 events erased.").waitFor();
  await request.getByText("Certificate", { exact: true }).click();
  await request.locator(".certificate").getByText("GDPR-2026-001", { exact: true }).waitFor();
  await ben.page.screenshot({ path: `${OUT}/console.png` });
  const [download] = await Promise.all([ben.page.waitForEvent("download"), request.getByRole("link", { name: "Download certificate" }).click()]);
  await download.saveAs(`${OUT}/certificate.json`);
  const certificate = JSON.parse(await (await import("node:fs/promises")).readFile(`${OUT}/certificate.json`, "utf8"));
  assert.equal(certificate.approval_ticket_id, "GDPR-2026-001");
  assert.equal(certificate.event_count, 399);

  await go(ada.page, "Trail");
  for (const step of ["REQUESTED", "APPROVED", "EXECUTED"]) await ada.page.getByText(`AUDIT_DELETION_${step}`).first().waitFor();
  await ada.page.getByText("AUDIT_EVENTS_ERASED").first().waitFor();
  assert.deepEqual(ben.complaints.filter((text) => !/status of (400|409)/.test(text)), []);
});

test("markup in every text that people and programs write is shown as text, runs nothing and fetches nothing", async () => {
  const values = { [MARKUP]: MARKUP };
  await sql(`SELECT insert_audit_event($1, $1, NULL, $2, $3, $4, $5, NULL, $1, ARRAY[$1], $6, $1)`, [MARKUP, ACME, SUBJECT, values, { [MARKUP]: `${MARKUP} again` }, { note: MARKUP }]);
  await ask(ada.page, SUBJECT, MARKUP);
  const { page, complaints, requests } = await logIn(BEN);
  const event = page.getByRole("listitem").filter({ hasText: MARKUP }).first();
  await event.locator("summary").click();
  await event.getByRole("rowheader", { name: MARKUP }).waitFor();
  await event.getByText("user agent").waitFor();
  await page.screenshot({ path: `${OUT}/markup.png`, fullPage: true });
  await go(page, "Requests");
  const request = page.getByRole("listitem").filter({ hasText: MARKUP }).first();
  await request.getByLabel("Ticket of the approval").fill(MARKUP);
  await request.getByRole("button", { name: "Approve and erase" }).click();
  await request.getByText("events erased").waitFor();
  await request.getByText("Certificate", { exact: true }).click();
  await page.getByText(MARKUP).first().waitFor();
  await go(page, "Holds");
  await page.getByLabel("Reason", { exact: true }).fill(MARKUP);
  await page.getByRole("button", { name: "Place hold" }).click();
  await page.getByRole("heading", { name: MARKUP }).waitFor();
  assert.equal(await page.evaluate(() => (window as any).hacked), undefined);
  assert.equal(await page.locator("#console img, #console script, #console iframe, #console object, [onload], [onerror]").count(), 0);
  assert.deepEqual(complaints, []);
  assert.deepEqual(requests.filter((url) => !url.startsWith(api.url) && !url.startsWith("data:")), []);
  const [{ id }] = await sql("SELECT id FROM audit_legal_holds WHERE released_at IS NULL");
  await page.getByLabel("Reason to release").fill("done");
  await page.getByRole("button", { name: "Release" }).click();
  await page.getByText("Released", { exact: false }).first().waitFor();
  assert.ok(id);
});

test("another site's form and fetch change nothing though the cookie comes along, and it cannot frame the console", async () => {
  const body = JSON.stringify({ workspaceId: ACME, reason: "forged" });
  const site = createServer((_, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end(`<iframe src="${api.url}/"></iframe>
      <form action="${api.url}/api/admin/holds" method="post" enctype="text/plain" target="answer"><input name='{"workspaceId":"${ACME}","reason":"forged","userId":"' value='"}'></form>
      <iframe name="answer"></iframe>
      <script>
        document.forms[0].submit();
        fetch("${api.url}/api/admin/holds", { method: "POST", credentials: "include", mode: "no-cors", body: '${body}' });
        fetch("${api.url}/api/admin/archive-audit", { method: "POST", credentials: "include", mode: "no-cors" });
      </script>`);
  }).listen(0, "127.0.0.1");
  after(() => site.close());
  const state = () => sql("SELECT (SELECT count(*) FROM audit_legal_holds) AS holds, (SELECT count(*) FROM audit_archive_runs) AS runs");
  const before = await state();
  const page = await ada.context.newPage();
  const answers: string[] = [];
  const keep = (what: unknown, request: Request) => request.method() === "POST" && answers.push(`${what} ${new URL(request.url()).pathname}`);
  page.on("response", (answer) => keep(answer.status(), answer.request()));
  page.on("requestfailed", (request) => keep(request.failure()?.errorText, request));
  await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}`);
  await until(async () => answers.length >= 4, "what became of each is known").catch((error) => assert.fail(`${error.message}: ${answers}`));
  // 403 and not 401: the cookie was there. What the fetches were answered, their page is not told.
  const unframed = "net::ERR_BLOCKED_BY_RESPONSE /api/admin/holds";
  assert.deepEqual(answers.sort(), ["403 /api/admin/holds", unframed, `${BLOCKED} /api/admin/archive-audit`, `${BLOCKED} /api/admin/holds`]);
  assert.deepEqual(await state(), before);
  assert.equal(await page.frameLocator("iframe").first().locator("#console").count(), 0);
  await page.close();
});

test("a workspace whose page cannot be loaded shows nothing of the one before", async () => {
  const { page } = await logIn(ADA);
  const other = await workspaceOf("OTHER");
  await page.reload();
  await go(page, "Holds");
  await page.getByRole("heading", { name: "case 2026-17" }).waitFor();
  await page.route(`**/api/admin/holds?workspaceId=${other}`, (route) => route.fulfill({ status: 500, json: { message: "It failed." } }));
  await page.locator(".workspace select").selectOption(other);
  await page.getByRole("alert").filter({ hasText: "It failed." }).waitFor();
  assert.equal(await page.getByRole("heading", { name: "case 2026-17" }).count(), 0);
});

test("an answer that was cut off, one that the page cannot take, a failed log-out: each is told, and its button can be used again", async () => {
  const { page } = await logIn(ADA);
  await go(page, "Holds");
  const place = page.getByRole("button", { name: "Place hold" });
  const answers = [["{\"id\": ", "The answer was cut off."], ["{}", "Something in this page went wrong."]] as const;
  for (const [body, told] of answers) {
    await page.route("**/api/admin/holds", (route) => route.fulfill({ status: 201, contentType: "application/json", body }), { times: 1 });
    // The second one is well read, and what the page does with it fails.
    if (body === "{}") await page.evaluate(() => (HTMLFormElement.prototype.reset = () => { throw new Error("odd"); }));
    await page.getByLabel("Reason", { exact: true }).fill("case 8");
    await place.click();
    await page.getByRole("alert").filter({ hasText: told }).waitFor();
    assert.ok(await place.isEnabled());
  }
  await page.route("**/api/session", (route) => route.fulfill({ status: 503, json: { message: "It is down." } }), { times: 1 });
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("alert").filter({ hasText: "It is down." }).waitFor();
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("button", { name: "Log in" }).waitFor();
});

test("cold storage: the policy takes its days and is saved without them; what is there, goes there and goes back is told", async () => {
  const { page } = await logIn(ADA);
  const workspace = await workspaceOf("COLD");
  const stored = async () => (await sql("SELECT cold_retention_days AS days FROM audit_retention_policies WHERE workspace_id = $1", [workspace]))[0].days;
  const line = (location: string, outcome: string, event_count: number) => ({ location, outcome, reason: "test", event_count, oldest_event_at: "2020-01-01T00:00:00Z", newest_event_at: "2020-02-01T00:00:00Z" });
  await page.route("**/api/admin/retention?*", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ json: { ...(await answer.json()), lines: [line("archive", "cold", 11), line("archive", "return", 12), line("cold", "keep", 13)] } });
  });
  await page.reload();
  await page.locator(".workspace select").selectOption(workspace);
  await go(page, "Retention");
  await page.getByText("11 may go to cold storage", { exact: false }).waitFor();
  await page.getByText("12 may go back to cold storage", { exact: false }).waitFor();
  await page.getByRole("heading", { name: "Events in cold storage" }).waitFor();
  await page.getByText("13 stay", { exact: false }).waitFor();
  const days = page.getByLabel("Days until purge, with cold storage");
  await days.fill("3650");
  await page.getByRole("button", { name: "Save policy" }).click();
  await page.getByText("to day 3,650", { exact: false }).waitFor();
  assert.equal(await stored(), 3650);
  await days.fill("");
  await page.getByRole("button", { name: "Save policy" }).click();
  await page.getByText("to day 3,650", { exact: false }).waitFor({ state: "hidden" });
  assert.equal(await stored(), null);
});

test("a field that is called as every object's are has a value only where it was recorded", async () => {
  const workspace = await workspaceOf("NAMES");
  await sql("SELECT insert_audit_event('CONSTRUCTED', 'thing', NULL, $1, $2, $3, $4)", [workspace, SUBJECT, { kept: 1 }, { kept: 1, constructor: "new" }]);
  const { page } = await logIn(ADA);
  await page.locator(".workspace select").selectOption(workspace);
  await page.locator("summary").filter({ hasText: "CONSTRUCTED" }).click();
  const row = page.getByRole("row").filter({ hasText: "constructor" });
  await row.getByText("new", { exact: true }).waitFor();
  assert.deepEqual([await row.locator("del").count(), await row.locator("ins").count()], [0, 1]);
});

test("a certificate is asked for when it is opened, and tells of whole events too", async () => {
  const { page, requests } = await logIn(ADA);
  const asked = () => requests.filter((url) => url.includes("/certificates/")).length;
  await page.route("**/api/admin/certificates/*", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ json: { ...(await answer.json()), erased_fields: "whole events" } });
  });
  await go(page, "Requests");
  const certificate = page.locator(".certificate").first();
  await certificate.waitFor();
  await page.waitForLoadState("networkidle");
  assert.equal(asked(), 0);
  await certificate.locator("summary").click();
  await certificate.getByText("whole events", { exact: true }).waitFor();
  assert.equal(asked(), 1);
});

test("a purge and a release to cold storage are told as what they are, not as erasures", async () => {
  const { page } = await logIn(ADA);
  const workspace = await workspaceOf("KINDS");
  const [purge] = await sql("SELECT request_audit_purge($1, 'period over') AS id", [workspace]);
  const [row] = await sql("SELECT row_to_json(r) AS request FROM audit_deletion_requests AS r WHERE id = $1", [purge.id]);
  const cold = { ...row.request, id: "c01dc01d-0000-4000-8000-000000000001", kind: "cold" };
  await page.route(`**/api/admin/deletion-requests?workspaceId=${workspace}`, (route) => route.fulfill({ json: [row.request, cold] }));
  await page.route("**/approve", (route) => route.fulfill({ json: { deleted_count: 7, deletion_log_id: null } }));
  await page.reload();
  await page.locator(".workspace select").selectOption(workspace);
  await go(page, "Requests");
  for (const [subject, button, told] of [["Purge of archived events", "Approve and purge", "7 events purged."], ["Release to cold storage", "Approve and release", "7 events released to cold storage."]] as const) {
    const request = page.getByRole("listitem").filter({ hasText: subject });
    await request.getByRole("button", { name: button, exact: true }).click();
    await request.getByText(told, { exact: true }).waitFor();
  }
});

test("found by name, action, text and request; counted; sealed with a receipt that audit-verify takes", async () => {
  await sql("SELECT insert_audit_event('LOGIN', 'session', NULL, $1, $2, NULL, $3, NULL, NULL, NULL, NULL, 'r-77')", [ACME, BEN, { note: "needle" }]);
  await sql("SELECT audit_seal()");
  writeFileSync(`${OUT}/checkpoint`, (await sql("SELECT audit_checkpoint() AS note"))[0].note);
  const { page, complaints } = await logIn(ADA);
  const shown = (text: string) => page.getByText(`${text} events shown`, { exact: true }).waitFor();
  await page.getByLabel("Who").fill("ben larsen");
  await page.getByLabel("Action", { exact: true }).fill("LOG*, NONE");
  await page.getByLabel("Text").fill("NEEDLE");
  await page.getByText("More filters").click();
  await page.getByLabel("Request id").fill("r-77");
  await page.getByRole("button", { name: "Show" }).click();
  await shown("1 of 1");
  await page.locator("summary").filter({ hasText: "LOGIN" }).click();
  await page.getByText("Proof", { exact: true }).click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download receipt" }).click()]);
  await download.saveAs(`${OUT}/receipt.json`);
  const said = execFileSync(`${process.env.PGBIN}/audit-verify`, ["--checkpoint", `${OUT}/checkpoint`, `${OUT}/receipt.json`], { encoding: "utf8" });
  assert.match(said, /events verified: 1,/);
  await page.getByLabel("Request id").fill("r-78");
  await page.getByRole("button", { name: "Show" }).click();
  await shown("0 of 0");
  await page.getByLabel("Contains (JSON)").fill("{");
  await page.getByRole("button", { name: "Show" }).click();
  assert.match(await alert(page), /no[t]? JSON/);
  assert.deepEqual(complaints.filter((text) => !/status of 400/.test(text)), []);
});

test("what the filters find is downloaded whole, as NDJSON and as CSV, each recorded", async () => {
  const { page, complaints } = await logIn(ADA);
  await sql("SELECT insert_audit_event($1, 'download', NULL, $2, $3)", ["=1+1", ACME, BEN]);
  await page.getByLabel("Resource type").fill("download");
  await page.getByRole("button", { name: "Show" }).click();
  await page.getByText("1 of 1 events shown", { exact: true }).waitFor();
  const file = async (kind: string) => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: `Download ${kind}` }).click()]);
    await download.saveAs(`${OUT}/events.${kind}`);
    return readFileSync(`${OUT}/events.${kind}`, "utf8").trimEnd().split(/\r?\n/);
  };
  const lines = (await file("NDJSON")).map((line) => JSON.parse(line));
  assert.deepEqual(lines.map((line) => line.action_type), ["=1+1", undefined]);
  const [header, row, ...others] = await file("CSV");
  assert.match(header!, /^[a-z_,]+$/);
  assert.match(row!, /,"'=1\+1",/);
  assert.deepEqual(others, []);
  const exports = await sql("SELECT created_by_user_id FROM audit_events WHERE action_type = 'AUDIT_EVENTS_EXPORTED' AND workspace_id = $1", [ACME]);
  assert.deepEqual(exports, Array(2).fill({ created_by_user_id: ADA }));
  assert.deepEqual(complaints, []);
});

test("a request for access: refused without ticket, else a whole file, recorded with authority and ticket", async () => {
  const other = await workspaceOf(MARKUP);
  const { page, complaints } = await logIn(BEN);
  await go(page, "People");
  await page.getByLabel("Person who asks").fill(SUBJECT);
  const download = page.getByRole("button", { name: "Download events" });
  await download.click();
  assert.match(await alert(page), /p_approval_ticket_id/);
  await page.getByLabel("Ticket of the request").fill("GDPR-2026-002");
  const [file] = await Promise.all([page.waitForEvent("download"), download.click()]);
  assert.equal(file.suggestedFilename(), "access-request.ndjson");
  await file.saveAs(`${OUT}/access.ndjson`);
  await page.getByText("The file is whole.", { exact: false }).waitFor();
  const lines = readFileSync(`${OUT}/access.ndjson`, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));
  const events = lines.slice(1, -1);
  assert.ok(lines[0].audit_person_export && lines.at(-1).audit_export);
  assert.ok(events.some((event) => event.workspace_id === other && event.action_type === MARKUP));
  assert.ok(events.every((event) => [SUBJECT, undefined].includes(event.created_by_user_id)));
  const [{ told }] = await sql("SELECT row_to_json(e)::text AS told FROM audit_events AS e WHERE action_type = 'AUDIT_ACCESS_REQUEST_ANSWERED'");
  assert.match(told, /GDPR-2026-002/);
  assert.equal(JSON.parse(told).created_by_user_id, BEN);
  assert.deepEqual(complaints.filter((text) => !/status of 400/.test(text)), []);
});

test("an erasure in all workspaces: refused under a hold, which it names; else approved by another, and the certificate tells what was left out", async () => {
  const [held, free] = [await workspaceOf("A"), await workspaceOf("B")];
  await sql("SELECT place_audit_hold($1, $2)", [held, MARKUP]);
  const askFor = async (reason: string, skipHeld: boolean) => {
    await go(ada.page, "People");
    await ada.page.getByLabel("Person to erase").fill(SUBJECT);
    await ada.page.getByLabel("Reason to erase").fill(reason);
    if (skipHeld) await ada.page.getByLabel("Leave out workspaces under a hold").check();
    await ada.page.getByRole("button", { name: "Ask for erasure everywhere" }).click();
    await ada.page.getByText("The request waits for somebody else's approval.").waitFor();
    const own = ada.page.getByRole("listitem").filter({ hasText: reason });
    assert.ok(await own.getByRole("button", { name: "Approve and erase" }).isDisabled());
    await go(ben.page, "Holds");
    await go(ben.page, "People");
    const request = ben.page.getByRole("listitem").filter({ hasText: reason }).filter({ has: ben.page.getByRole("heading") });
    await request.getByLabel("Ticket of the approval").fill("GDPR-2026-003");
    await request.getByRole("button", { name: "Approve and erase" }).click();
    return request;
  };
  const whole = await askFor(`${MARKUP} all`, false);
  await whole.getByRole("alert").waitFor();
  assert.match(await alert(ben.page), new RegExp(`${held}.*hold`));
  const others = await askFor("but the held", true);
  await others.getByText(/\d+ events erased/).waitFor();
  await others.getByText("all workspaces but those under a hold").waitFor();
  await others.getByText("Certificate", { exact: true }).click();
  await others.getByText("left out, under a hold").waitFor();
  assert.deepEqual(await others.locator(".certificate code").evaluateAll((ids) => ids.map((id) => id.getAttribute("title"))), [held]);
  const left = await sql("SELECT workspace_id FROM audit_events WHERE workspace_id = ANY($1) AND action_type IN ('A', 'B') AND deleted_at IS NULL", [[held, free]]);
  assert.deepEqual(left, [{ workspace_id: held }]);
  assert.equal(await ben.page.evaluate(() => (window as any).hacked), undefined);
  await sql("SELECT release_audit_hold(id, 'over') FROM audit_legal_holds WHERE released_at IS NULL");
});

test("an off-boarding: refused without a whole export, with what to do; after the download another approves, and the events are gone", async () => {
  const leaving = await workspaceOf("LAST");
  const choose = async (page: Page) => {
    await page.reload();
    await page.locator(".workspace select").selectOption(leaving);
    await go(page, "Off-boarding");
  };
  await choose(ada.page);
  await ada.page.getByLabel("Authority of the off-boarding").fill("end of contract");
  await ada.page.getByLabel("Reason to off-board").fill(MARKUP);
  await ada.page.getByRole("button", { name: "Ask for off-boarding" }).click();
  await ada.page.getByText("The request waits for somebody else's approval.").waitFor();
  await choose(ben.page);
  const request = ben.page.getByRole("listitem").filter({ hasText: "end of contract" });
  await request.getByLabel("Ticket of the approval").fill("OFF-1");
  await request.getByRole("button", { name: "Approve and remove" }).click();
  assert.match(await request.getByRole("alert").innerText(), /export_audit_events/);
  const [file] = await Promise.all([ben.page.waitForEvent("download"), ben.page.getByRole("link", { name: "Download whole export" }).click()]);
  await file.saveAs(`${OUT}/whole.ndjson`);
  assert.match(readFileSync(`${OUT}/whole.ndjson`, "utf8"), /"LAST"/);
  await request.getByRole("button", { name: "Approve and remove" }).click();
  await request.getByText(/\d+ events removed/).waitFor();
  assert.deepEqual(await sql("SELECT id FROM audit_events WHERE workspace_id = $1 AND action_type = 'LAST'", [leaving]), []);
  assert.equal(await ben.page.evaluate(() => (window as any).hacked), undefined);
  for (const { page } of [ada, ben]) await page.locator(".workspace select").selectOption(ACME);
});

test("an approval by keyboard alone", async () => {
  await sql("SELECT insert_audit_event('LOGIN', 'session', NULL, $1, $2)", [ACME, SUBJECT]);
  await ask(ada.page, SUBJECT, "by keyboard");
  const { page } = await logIn(BEN);
  const tabTo = async (name: string | RegExp) => {
    for (let step = 0; step < 80; step++) {
      await page.keyboard.press("Tab");
      const focused = await page.evaluate(() => {
        const element = document.activeElement as HTMLInputElement;
        return element.labels?.[0]?.innerText.trim() || element.innerText?.trim() || "";
      });
      if (focused.match(name)) return;
    }
    throw new Error(`no ${name} is reached`);
  };
  await tabTo(/^Requests$/);
  await page.keyboard.press("Enter");
  await page.getByText("by keyboard").first().waitFor();
  await tabTo(/^Ticket of the approval$/);
  await page.keyboard.type("KEY-1");
  await tabTo(/^Approve and erase$/);
  await page.keyboard.press("Enter");
  await page.getByText(/\d+ events erased/).first().waitFor();
});

test("a reader sees the trail and nothing else; what a token does not allow is refused in words", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${api.url}/#token=${await token(SUBJECT, { audit: ["reader"] })}`);
  await page.getByRole("navigation").waitFor();
  assert.deepEqual(await page.getByRole("navigation").getByRole("link").allInnerTexts(), ["Trail"]);
  const stranger = await (await browser.newContext()).newPage();
  await stranger.goto(`${api.url}/#token=nonsense`);
  await stranger.getByRole("alert").waitFor();
  assert.match(await alert(stranger), /token is not valid/);
});

for (const width of [1280, 390]) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`each page at ${width} pixels, ${colorScheme}: no sideways scroll, each control named, each text readable`, async () => {
      const { page, complaints } = await logIn(BEN, { viewport: { width, height: width === 390 ? 844 : 900 }, colorScheme });
      const found: string[] = [];
      for (const [name, loaded] of Object.entries(PAGES)) {
        await go(page, name);
        await page.getByText(loaded).first().waitFor();
        if (name === "Trail") await page.locator("summary").filter({ hasText: /DOCUMENT|AUDIT_DELETION_EXECUTED/ }).first().click();
        if (name === "Requests" || name === "People") {
          await page.getByText("Certificate", { exact: true }).first().click();
          await page.getByText("what remains").first().waitFor();
        }
        await page.screenshot({ path: `${OUT}/${name.toLowerCase()}-${width}-${colorScheme}.png`, fullPage: true });
        found.push(...(await page.evaluate(findings)).map((finding) => `${name}: ${finding}`));
      }
      assert.deepEqual(found, []);
      assert.deepEqual(complaints, []);
    });
  }
}

test("a database that stops and starts again: the console says so, and goes on", async () => {
  const { page } = await logIn(ADA);
  await page.getByText(/events shown/).waitFor();
  server("stop");
  await page.getByRole("button", { name: "Show" }).click();
  await page.getByRole("alert").filter({ hasText: "The database is not available." }).waitFor();
  server("start");
  await page.getByRole("button", { name: "Show" }).click();
  // The events of before are shown until there is an answer.
  await page.getByRole("alert").waitFor({ state: "hidden" });
  await page.getByText(/events shown/).waitFor();
  assert.equal(await page.getByRole("alert").count(), 0);
});
