/**
 * Signing in with a provider: OpenID Connect, authorization code with PKCE, state and nonce. The library is loaded when somebody
 * does. Of what the provider says, groups become roles and rooms; who they are becomes a hash.
 */
import type { JWTVerifyGetKey } from "jose";
import type { Configuration } from "openid-client";
import type { Clock } from "../clock.ts";
import { hashOf } from "../secret.ts";
import type { Granted } from "./people.ts";
import { grantOf, type ProviderSettings } from "./provider-settings.ts";
import { sealed } from "./sealed.ts";

/** How long somebody may take at the provider. */
export const AWAY_MS = 10 * 60_000;
/**
 * Sign-ins that were answered are known for as long as they might come again; beyond this many the oldest are forgotten, and
 * are then refused by the provider alone, whose code is good once.
 */
const MOST_ANSWERED = 10_000;
/** Logout tokens that were taken are known for this long: no longer are they valid. */
const LOGOUT_VALID_MS = 5 * 60_000;

/** The provider has not vouched for anybody: it is away, it refused, or its answer does not fit what was asked. */
export class ProviderError extends Error {
  override readonly name = "ProviderError";
}

export interface Vouched {
  /** SHA-256 of issuer and subject. */
  readonly outside: string;
  /** SHA-256 of issuer and session there, for a sign-out that begins there. */
  readonly session: string | undefined;
  readonly grant: Granted;
  /** Where the browser wanted to go: a path of this gateway. */
  readonly backTo: string;
}

export interface Provider {
  readonly name: ProviderSettings["name"];
  /** Where the browser goes, and what it brings back: all of the sign-in that is under way, sealed, so that nothing of it is kept here. `callback` is the address it comes back to. Throws ProviderError. */
  begin(callback: string, backTo: string): Promise<{ readonly url: string; readonly secret: string }>;
  /** What came back, in the browser that went. Throws ProviderError. */
  finish(address: string, secret: string | undefined): Promise<Vouched>;
  /**
   * Where somebody signs out there as well (OpenID Connect RP-Initiated Logout 1.0 §2): the provider asks them whether they
   * mean it, since the ID token that would answer for them is not kept. Undefined where it has no such page. Throws ProviderError.
   */
  signOut(): Promise<string | undefined>;
  /** A sign-out that began at the provider (back-channel logout): whose session there is over. Throws ProviderError. */
  ended(logoutToken: string): Promise<{ readonly session: string | undefined; readonly outside: string | undefined }>;
}

/** A sign-in that is under way. */
interface Away {
  readonly at: number;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly callback: string;
  readonly backTo: string;
}

export function provider(settings: ProviderSettings, clock: Clock): Provider {
  const seals = sealed();
  /** By state, and when. */
  const answered = new Map<string, number>();
  const loggedOut = new Map<string, number>();
  let discovered: Promise<Configuration> | undefined;

  /** Asked once it is needed, and again when it was not answered. */
  const discover = async (): Promise<Configuration> => {
    discovered ??= discovery(settings);
    try {
      return await discovered;
    } catch (error) {
      discovered = undefined;
      throw error;
    }
  };
  /** One for all logout tokens: it asks the provider for its keys once, and again at most every half minute for one that is new. */
  let keys: JWTVerifyGetKey | undefined;
  const subject = (issuer: string, sub: string) => hashOf(`${issuer}\n${sub}`);
  /** Takes what came back; what was asked is answered once. */
  const take = (secret: string | undefined): Away => {
    const opened = seals.open(secret ?? "");
    const waiting = opened === undefined ? undefined : (JSON.parse(opened) as Away);
    const now = clock.now();
    if (!waiting || now - waiting.at > AWAY_MS || answered.has(waiting.state))
      throw new ProviderError("nobody has gone to the provider from this browser lately");
    answered.set(waiting.state, now);
    for (const [state, at] of answered)
      if (now - at > AWAY_MS || answered.size > MOST_ANSWERED) answered.delete(state);
      else break;
    return waiting;
  };

  return {
    name: settings.name,
    begin: (callback, backTo) =>
      vouching("the provider does not answer", async () => {
        const oidc = await import("openid-client");
        const config = await discover();
        const waiting: Away = {
          at: clock.now(),
          state: oidc.randomState(),
          nonce: oidc.randomNonce(),
          verifier: oidc.randomPKCECodeVerifier(),
          callback: settings.callback ?? callback,
          backTo: ownPath(backTo),
        };
        const url = oidc.buildAuthorizationUrl(config, {
          redirect_uri: waiting.callback,
          scope: settings.scope,
          state: waiting.state,
          nonce: waiting.nonce,
          code_challenge: await oidc.calculatePKCECodeChallenge(waiting.verifier),
          code_challenge_method: "S256",
        });
        return { url: url.href, secret: seals.seal(JSON.stringify(waiting)) };
      }),

    finish: (address, secret) =>
      vouching("the provider's answer does not fit what was asked", async () => {
        const waiting = take(secret);
        const oidc = await import("openid-client");
        const config = await discover();
        const came = new URL(waiting.callback);
        came.search = new URL(address, waiting.callback).search;
        const tokens = await oidc.authorizationCodeGrant(config, came, {
          pkceCodeVerifier: waiting.verifier,
          expectedState: waiting.state,
          expectedNonce: waiting.nonce,
          idTokenExpected: true,
        });
        const claims = tokens.claims()!;
        const groups =
          claims[settings.groupsClaim] ??
          (config.serverMetadata().userinfo_endpoint
            ? (await oidc.fetchUserInfo(config, tokens.access_token, claims.sub))[settings.groupsClaim]
            : undefined);
        return {
          outside: subject(claims.iss, claims.sub),
          session: typeof claims.sid === "string" ? subject(claims.iss, claims.sid) : undefined,
          grant: grantOf(groups, settings),
          backTo: waiting.backTo,
        };
      }),

    signOut: () =>
      vouching("the provider does not answer", async () => {
        const oidc = await import("openid-client");
        const config = await discover();
        const has = config.serverMetadata().end_session_endpoint !== undefined;
        return has ? oidc.buildEndSessionUrl(config).href : undefined;
      }),

    ended: (logoutToken) =>
      vouching("this is no logout token of the provider's", async () => {
        const { createRemoteJWKSet, jwtVerify } = await import("jose");
        const config = await discover();
        const { issuer, jwks_uri } = config.serverMetadata();
        const now = clock.now();
        keys ??= createRemoteJWKSet(new URL(jwks_uri!));
        const { payload } = await jwtVerify(logoutToken, keys, {
          issuer,
          audience: settings.clientId,
          maxTokenAge: LOGOUT_VALID_MS / 1000,
          currentDate: new Date(now),
          requiredClaims: ["iat", "jti", "events"],
        });
        assertLogout(payload);
        for (const [id, at] of loggedOut) if (now - at > LOGOUT_VALID_MS) loggedOut.delete(id);
        if (loggedOut.has(payload.jti!)) throw new ProviderError("this logout token has been used");
        loggedOut.set(payload.jti!, now);
        return {
          session: typeof payload.sid === "string" ? subject(issuer, payload.sid) : undefined,
          outside: payload.sub === undefined ? undefined : subject(issuer, payload.sub),
        };
      }),
  };
}

/** OpenID Connect Back-Channel Logout 1.0 §2.4, §2.6. */
function assertLogout({ events, nonce, sid, sub }: Readonly<Record<string, unknown>>): void {
  const isLogout =
    typeof events === "object" && events !== null && "http://schemas.openid.net/event/backchannel-logout" in events;
  if (!isLogout || nonce !== undefined || (sid === undefined && sub === undefined))
    throw new ProviderError("this is another kind of token");
}

async function discovery({ issuer, clientId, clientSecret }: ProviderSettings): Promise<Configuration> {
  const oidc = await import("openid-client");
  const isPlain = new URL(issuer).protocol === "http:";
  return oidc.discovery(
    new URL(issuer),
    clientId,
    undefined,
    clientSecret === undefined ? oidc.None() : oidc.ClientSecretBasic(clientSecret),
    isPlain ? { execute: [oidc.allowInsecureRequests] } : undefined,
  );
}

/** A path and nothing that leads away from here. */
const ownPath = (text: string): string => (/^\/(?![/\\])[\w\-./~%]*$/.test(text) ? text : "/");

async function vouching<T>(what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ProviderError) throw error;
    throw new ProviderError(what, { cause: error });
  }
}
