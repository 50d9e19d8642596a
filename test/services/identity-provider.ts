/** A real OpenID Connect provider on this machine, with people, groups and its own pages; and a browser's way through them. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Provider } from "oidc-provider";

export interface IdentityProvider extends AsyncDisposable {
  readonly issuer: string;
  /** Paths that it was asked for, in their order. */
  readonly asked: string[];
  /** Groups by login; may be changed. */
  readonly groups: Record<string, readonly string[]>;
}

export const CLIENT = { id: "fortrolig", secret: "made-for-tests-at-run-time" } as const;

export interface ProviderOptions {
  /** Where it may send browsers back to. */
  readonly callback: string;
  /** Where it says that a session is over. */
  readonly ended?: string;
  /** Whether it has a page to sign out on; it has, if nothing is said. */
  readonly signOutPage?: boolean;
  readonly groups: Record<string, readonly string[]>;
}

export async function startIdentityProvider({
  callback,
  ended,
  signOutPage = true,
  groups,
}: ProviderOptions): Promise<IdentityProvider> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [callback],
        response_types: ["code"],
        grant_types: ["authorization_code"],
        ...(ended !== undefined && { backchannel_logout_uri: ended, backchannel_logout_session_required: true }),
      },
    ],
    claims: { openid: ["sub"], groups: ["groups"] },
    scopes: ["openid", "groups"],
    pkce: { required: () => true },
    cookies: { keys: ["for tests"] },
    // Its own refuses to speak to this machine.
    fetch: (address, init) => {
      const { dispatcher: _, ...plain } = (init ?? {}) as RequestInit & { dispatcher?: unknown };
      return fetch(address, plain);
    },
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
    features: {
      devInteractions: { enabled: true },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: signOutPage },
    },
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: () => ({ sub, groups: [...(groups[sub] ?? [])] }),
    }),
  });
  const asked: string[] = [];
  server.on("request", ({ url }) => asked.push(url ?? ""));
  server.on("request", provider.callback());
  return {
    issuer,
    asked,
    groups,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** A browser's cookies at the provider. */
export type Jar = Map<string, string>;

async function visit(url: string, jar: Jar, form?: Record<string, string>): Promise<Response> {
  const response = await fetch(url, {
    redirect: "manual",
    method: form ? "POST" : "GET",
    headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; ") },
    body: form ? new URLSearchParams(form) : null,
  });
  for (const cookie of response.headers.getSetCookie()) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!;
    jar.set(name!, value!);
  }
  return response;
}

/** Signs in at the provider, agrees to what it asks, and answers with the address it then sends the browser to. */
export async function wayThrough(start: string, login: string, jar: Jar = new Map()): Promise<string> {
  const { origin } = new URL(start);
  let url = start;
  for (let step = 0; step < 12; step += 1) {
    const response = await visit(url, jar);
    const next = response.headers.get("location");
    if (next !== null) {
      url = new URL(next, url).href;
      if (new URL(url).origin !== origin) return url;
      continue;
    }
    const page = await response.text();
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
    const action = /action="([^"]+)"/.exec(page)?.[1];
    if (prompt === undefined || action === undefined) throw new Error(`the provider says: ${page.slice(0, 500)}`);
    const answer = await visit(new URL(action, url).href, jar, { prompt, login, password: "any" });
    url = new URL(answer.headers.get("location")!, url).href;
  }
  throw new Error("the provider goes round in circles");
}

/** Signs out at the provider; it then tells every client that asked to be told. */
export async function signOutThere(issuer: string, jar: Jar): Promise<void> {
  const page = await (await visit(`${issuer}/session/end`, jar)).text();
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(page)?.[1];
  const answer = await visit(`${issuer}/session/end/confirm`, jar, { xsrf: xsrf!, logout: "yes" });
  if (answer.status >= 400) throw new Error(await answer.text());
}
