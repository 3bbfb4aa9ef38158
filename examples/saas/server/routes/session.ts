import { type Context, Hono } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { COOKIE, demandSameOrigin, type Env, type Principal } from "../auth.ts";
import { fields, Refusal } from "../http.ts";

const ATTRIBUTES = { path: "/", httpOnly: true, secure: true, sameSite: "Strict" } as const;

/** What ids of workspaces and people are called in the console. */
export interface Names {
  workspaces: Record<string, string>;
  people: Record<string, string>;
}

/** Trades the identity provider's token for a cookie that no script can read, tells whose it is, and ends it. */
export function session(verify: (token: string) => Promise<Principal>, names: Names) {
  return new Hono<Env>()
    .get("/", async (c) => {
      const cookie = getCookie(c, COOKIE);
      const principal = cookie === undefined ? null : await verify(cookie).catch(nobody);
      return c.json(principal && { ...principal, names });
    })
    .post("/", async (c: Context<Env>) => {
      demandSameOrigin(c);
      const { token } = await fields(c, ["token"]);
      const { expiresAt } = await verify(String(token ?? ""));
      setCookie(c, COOKIE, token, { ...ATTRIBUTES, expires: expiresAt ? new Date(expiresAt * 1000) : undefined });
      return c.body(null, 204);
    })
    .delete("/", (c) => {
      demandSameOrigin(c);
      deleteCookie(c, COOKIE, ATTRIBUTES);
      return c.body(null, 204);
    });
}

function nobody(reason: unknown): null {
  if (reason instanceof Refusal && reason.status === 401) return null;
  throw reason;
}
