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

/** How requests are turned away before a route sees them (access.ts, limits.ts). */
export const refusals = {
  400: invalid,
  401: problem("Nobody that is known asks: sign in, or bring a token"),
  403: problem("Who asks may not"),
  429: problem("Too many requests; Retry-After says when to come again"),
};
