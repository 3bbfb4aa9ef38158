import { type AuditClient, callerOf, type createAuditClient } from "@audit-ext/client";
import type { HttpBindings } from "@hono/node-server";
import type { Context, MiddlewareHandler } from "hono";
import { getCookie } from "hono/cookie";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { Refusal } from "./http.ts";

export const LEVELS = ["writer", "reader", "operator", "compliance"] as const;
export type Level = (typeof LEVELS)[number];

/** Who asks, as the token says. */
export interface Principal {
  userId: string;
  levels: Level[];
  /** May record events in others' names: the application's own back end. */
  isService: boolean;
  expiresAt?: number;
}

export interface Env {
  Bindings: HttpBindings;
  Variables: { principal: Principal; audit: AuditClient; isByCookie: boolean };
}

export interface KeyOptions {
  /** HS256, 32 bytes at least; or the address of the identity provider's keys. */
  secret?: string;
  jwksUrl?: string;
  audience: string;
}

export const COOKIE = "audit_session";
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
export const isUuid = (value: unknown): value is string => typeof value === "string" && UUID.test(value);

/** What jose says of a token that is not valid. Anything else, ERR_JOSE_GENERIC too, it says of keys that it cannot fetch. */
const TOKEN_ERROR = /^ERR_(JW[TS]_\w+|JOSE_ALG_NOT_ALLOWED|JOSE_NOT_SUPPORTED|JWKS_(NO|MULTIPLE)_MATCHING_KEYS?)$/;

/** Reads tokens of one key, one audience and the algorithms that go with that key: the token's header has no say. */
export function verifier({ secret, jwksUrl, audience }: KeyOptions): (token: string) => Promise<Principal> {
  const key = secret === undefined ? undefined : new TextEncoder().encode(secret);
  if (key && key.length < 32) throw new Error("the secret of HS256 has 32 bytes at least");
  if (!key && !jwksUrl) throw new Error("tokens need a secret or the address of a key set");
  const demanded = { audience, requiredClaims: ["exp", "sub"] };
  const keySet = jwksUrl === undefined ? undefined : createRemoteJWKSet(new URL(jwksUrl));

  return async (token) => {
    const { payload } = await (
      key
        ? jwtVerify(token, key, { ...demanded, algorithms: ["HS256"] })
        : jwtVerify(token, keySet!, { ...demanded, algorithms: ["RS256", "ES256", "EdDSA"] })
    ).catch((reason: Error & { code?: string }) => {
      if (TOKEN_ERROR.test(reason.code ?? "")) throw new Refusal(401, "unauthorised", `The token is not valid: ${reason.message}.`);
      console.error("the keys of the identity provider cannot be had:", reason);
      throw new Refusal(503, "unavailable", "The identity provider cannot be reached.");
    });
    if (!isUuid(payload.sub)) throw new Refusal(401, "unauthorised", "The token's sub is no UUID.");
    const claimed = Array.isArray(payload.audit) ? payload.audit : [];
    return {
      userId: payload.sub,
      levels: LEVELS.filter((level) => claimed.includes(level)),
      isService: payload.audit_service === true,
      expiresAt: payload.exp,
    };
  };
}

/** A browser sends cookies along with what other pages make it send; a bearer token it does not. */
export function demandSameOrigin(c: Context) {
  if (c.req.header("sec-fetch-site") !== "same-origin") {
    throw new Refusal(403, "cross_site", "A change by cookie must come from the console's own page.");
  }
}

/** For a GET that records an event: it is a change, though browsers send it from anywhere. */
export const recording: MiddlewareHandler<Env> = async (c, next) => {
  if (c.get("isByCookie")) demandSameOrigin(c);
  await next();
};

/**
 * For a server that takes requests of this machine without a token: a page of another site may have had its own name resolved to this machine, and its
 * browser then says nothing of the site. The name is still in Host.
 */
export const demandLocalHost: MiddlewareHandler<Env> = async (c, next) => {
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(c.req.header("host") ?? "")) {
    throw new Refusal(403, "forbidden", "With --dev the server is called 127.0.0.1, localhost or [::1].");
  }
  await next();
};

/** Finds out who asks. `fixed` is who asks without a token, of whoever works on this machine (--dev). */
export function authenticate(verify: (token: string) => Promise<Principal>, fixed?: Principal): MiddlewareHandler<Env> {
  return async (c, next) => {
    const bearer = c.req.header("authorization")?.match(/^Bearer +(\S+)$/i)?.[1];
    const cookie = getCookie(c, COOKIE);
    const isChange = !["GET", "HEAD"].includes(c.req.method);
    if (bearer) c.set("principal", await verify(bearer));
    else if (cookie) {
      if (isChange) demandSameOrigin(c);
      c.set("isByCookie", true);
      c.set("principal", await verify(cookie));
    } else if (fixed && isLoopback(c) && !c.req.header("sec-fetch-site")) c.set("principal", fixed);
    else throw new Refusal(401, "unauthorised", "This takes a token.", "Send Authorization: Bearer …");
    await next();
  };
}

const isLoopback = (c: Context<Env>) => /^(::ffff:)?127\.|^::1$/.test(peerOf(c) ?? "");
const peerOf = (c: Context<Env>) => c.env?.incoming?.socket.remoteAddress;

/**
 * Lets through who has one of the levels, and gives the route a client that speaks as them, under the database role of that level.
 * What it may, the database decides.
 */
export function levelsOf(client: ReturnType<typeof createAuditClient>, trustedProxies: number) {
  return (...levels: Level[]): MiddlewareHandler<Env> =>
    async (c, next) => {
      const { userId, levels: held } = c.get("principal");
      const level = levels.find((one) => held.includes(one));
      if (!level) throw new Refusal(403, "forbidden", `This takes the level ${levels.join(" or ")}.`);
      const caller = callerOf((name) => c.req.header(name), peerOf(c), trustedProxies);
      c.set("audit", client.as({ ...caller, userId, role: `audit_${level}` }));
      await next();
    };
}

export type Allow = ReturnType<typeof levelsOf>;
