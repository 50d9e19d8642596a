/** Where a one-time link leads. What it holds stands behind the #: browsers send that to nobody, so no log and no proxy sees it. */
export const signInLink = (gateway: string, secret: string): string => `${gateway}/sign-in#link=${secret}`;
