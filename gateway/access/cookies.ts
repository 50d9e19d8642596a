/** The cookies of sign-in, read and written. */

export interface CookieNames {
  /** Whose session it is. */
  readonly session: string;
  /** In which account's name this browser has signed in before; by name of the cookie one for each browser. */
  readonly browser: string;
  /** A sign-in with a provider that is under way. */
  readonly provider: string;
}

/** `__Host-` makes a browser take them from this host alone, over TLS, for every path (RFC 6265bis §4.1.3.2); it refuses them without. */
export const cookieNames = (secure: boolean): CookieNames => {
  const prefix = secure ? "__Host-" : "";
  return {
    session: `${prefix}fortrolig-session`,
    browser: `${prefix}fortrolig-browser`,
    provider: `${prefix}fortrolig-provider`,
  };
};

/** Value of a cookie in a request's header. One that is there twice is taken for none: somebody else set one of them. */
export function cookieValue(header: string | undefined, name: string): string | undefined {
  const values = (header ?? "").split(/; */).filter((part) => part.startsWith(`${name}=`));
  return values.length === 1 ? values[0]!.slice(name.length + 1) || undefined : undefined;
}

export interface CookieOptions {
  readonly secure: boolean;
  /** 0 removes it. */
  readonly maxAgeS: number;
  /** `Lax` only for what must come back with somebody who returns from another site. */
  readonly sameSite?: "Strict" | "Lax";
}

export const setCookie = (
  name: string,
  value: string,
  { secure, maxAgeS, sameSite = "Strict" }: CookieOptions,
): string => `${name}=${value}; Path=/; Max-Age=${maxAgeS}; HttpOnly; SameSite=${sameSite}${secure ? "; Secure" : ""}`;
