import type { RetentionPolicy } from "@audit-ext/client";
import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { call, type Me, useAction, useLoaded } from "./api.ts";
import { Health } from "./Health.tsx";
import { Holds } from "./Holds.tsx";
import { Offboarding } from "./Offboarding.tsx";
import { People } from "./People.tsx";
import { DeletionRequestsAdmin } from "./Requests.tsx";
import { Retention } from "./Retention.tsx";
import { Trail } from "./Trail.tsx";
import { Field, Form, NamesContext, Result, Trouble } from "./words.tsx";

/** A page, and the levels that may ask for what it shows; the database has the last word. */
const PAGES = {
  trail: { title: "Trail", levels: ["reader", "operator", "compliance"] },
  requests: { title: "Requests", levels: ["compliance"] },
  people: { title: "People", levels: ["compliance"] },
  offboarding: { title: "Off-boarding", levels: ["compliance"] },
  retention: { title: "Retention", levels: ["compliance"] },
  holds: { title: "Holds", levels: ["compliance"] },
  health: { title: "Health", levels: ["operator"] },
} as const;
type Page = keyof typeof PAGES;

const pageOfAddress = () => location.hash.slice(1) as Page;

function usePage(me: Me) {
  const pages = (Object.keys(PAGES) as Page[]).filter((page) => PAGES[page].levels.some((level) => me.levels.includes(level)));
  const [page, setPage] = useState(pageOfAddress);
  useEffect(() => {
    const turn = () => setPage(pageOfAddress());
    addEventListener("hashchange", turn);
    return () => removeEventListener("hashchange", turn);
  }, []);
  return { pages, page: pages.includes(page) ? page : pages[0] };
}

function Console({ me, onLeft }: { me: Me; onLeft: () => void }) {
  const { pages, page } = usePage(me);
  const policies = useLoaded<RetentionPolicy[]>(me.levels.includes("compliance") ? "/admin/policies" : null);
  const known = [...new Set([...Object.keys(me.names.workspaces), ...(policies.data ?? []).map((policy) => policy.workspace_id)])];
  const [chosen, setChosen] = useState<string>();
  const workspace = chosen ?? known[0];
  const leaving = useAction();
  const leave = () =>
    leaving.run(async () => {
      await call("DELETE", "/session");
      onLeft();
      return "";
    });
  return (
    <NamesContext value={me.names}>
      <header className="top">
        <h1>Audit trail</h1>
        <nav aria-label="Pages">
          {pages.map((one) => (
            <a key={one} href={`#${one}`} aria-current={one === page ? "page" : undefined}>
              {PAGES[one].title}
            </a>
          ))}
        </nav>
        <label className="workspace">
          <span>Workspace</span>
          <select value={workspace} onChange={(event) => setChosen(event.target.value)}>
            {known.map((id) => (
              <option key={id} value={id}>
                {me.names.workspaces[id] ?? id}
              </option>
            ))}
          </select>
        </label>
        <p className="who">
          {me.names.people[me.userId] ?? me.userId.slice(0, 8)}
          <button type="button" className="plain" disabled={leaving.isBusy} onClick={leave}>
            Log out
          </button>
        </p>
      </header>
      <main>
        <Trouble error={leaving.outcome?.error} />
        {page === "health" && <Health />}
        {page === "people" && <People me={me} />}
        {!workspace && page !== "health" && page !== "people" && <p className="empty">There is no workspace yet: it appears with its first event.</p>}
        {workspace && page === "trail" && <Trail workspace={workspace} />}
        {workspace && page === "requests" && <DeletionRequestsAdmin workspace={workspace} me={me} />}
        {workspace && page === "offboarding" && <Offboarding workspace={workspace} me={me} />}
        {workspace && page === "retention" && <Retention workspace={workspace} />}
        {workspace && page === "holds" && <Holds workspace={workspace} me={me} />}
      </main>
    </NamesContext>
  );
}

/** Trades a token for a session; the identity provider's log-in takes this one's place. */
function LogIn({ onDone }: { onDone: () => void }) {
  const { run, isBusy, outcome } = useAction();
  const enter = (token: string | undefined) =>
    run(async () => {
      await call("POST", "/session", { token });
      onDone();
      return "";
    });
  useEffect(() => {
    // A link may bring the token behind its #, which no server sees and no history keeps.
    const token = location.hash.match(/^#token=(.+)$/)?.[1];
    if (!token) return;
    history.replaceState(null, "", location.pathname);
    enter(token);
  }, []);
  return (
    <main className="login">
      <h1>Audit trail</h1>
      <Form label="Log in" onFilled={({ token }) => enter(token)}>
        <Field label="Token of your identity provider" name="token" type="password" />
        <button type="submit" disabled={isBusy}>
          Log in
        </button>
      </Form>
      <Result outcome={outcome} />
    </main>
  );
}

function App() {
  const { data: me, error, reload } = useLoaded<Me | null>("/session");
  if (location.hash.startsWith("#token=") || me === null) return <LogIn onDone={reload} />;
  if (error) return <main className="login"><Trouble error={error} /><button type="button" onClick={reload}>Try again</button></main>;
  return me ? <Console me={me} onLeft={() => globalThis.location.reload()} /> : null;
}

createRoot(document.getElementById("console")!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
