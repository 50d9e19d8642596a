/** Where a one-time link leads. What it holds stands behind the #: browsers send that to nobody, so no log and no proxy sees it. */
export const signInLink = (origin: string, secret: string): string => `${origin}/sign-in#link=${secret}`;

/** In the place of an origin that only the house knows. */
export const UNKNOWN_ORIGIN = "https://<the proxy's name>";
