import { type Context, Hono } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";
import { COOKIE, demandSameOrigin, type Env, type Principal } from "../auth.ts";
import { fields } from "../http.ts";

const ATTRIBUTES = { path: "/", httpOnly: true, secure: true, sameSite: "Strict" } as const;

/** Trades the identity provider's token for a cookie that no script can read, and ends it. */
export function session(verify: (token: string) => Promise<Principal>) {
  return new Hono<Env>()
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
