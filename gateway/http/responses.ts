/** Answers that every route may give besides its own. */
import { Problem } from "#protocol/api.ts";

const problem = (description: string) => ({
  description,
  content: { "application/problem+json": { schema: Problem } },
});

const invalid = problem("The request is not valid");

export const problems = {
  400: invalid,
  404: problem("There is nothing here"),
  500: problem("The gateway failed to answer"),
  503: problem("The gateway cannot answer now"),
};

/** Of what takes a body. */
export const unreadBody = {
  413: problem("The request is too large"),
  415: problem("The request's media type is not taken here"),
};

/** Of what was changed meanwhile, or is not as asked for. */
export const conflict = { 409: problem("It is not, or no longer, in a state for that") };
/** Of routes that change something about people. */
export const changeProblems = {
  ...problems,
  403: problem("Who asks may not do this"),
  409: problem("It does not go with what there is"),
};

/** Of routes about who asks, who must have signed in for it. */
export const ownProblems = { ...changeProblems, 401: problem("Nobody that is known asks: sign in") };

/** Of routes by which somebody signs in. */
export const signInProblems = {
  ...problems,
  401: problem("The name or the password is wrong"),
  403: problem("Who it is may not come in"),
  409: problem("The login name is taken"),
  410: problem("The link has been used, or has expired"),
};

/** How requests are turned away before a route sees them (access.ts, limits.ts). */
export const refusals = {
  400: invalid,
  401: problem("Nobody that is known asks: sign in, or bring a token"),
  403: problem("Who asks may not"),
  429: problem("Too many requests; Retry-After says when to come again"),
};
