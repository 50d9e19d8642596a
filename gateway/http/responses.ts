/** Answers that every route may give besides its own. */
import { Problem } from "#protocol/api.ts";

const problem = (description: string) => ({
  description,
  content: { "application/problem+json": { schema: Problem } },
});

export const problems = {
  400: problem("The request is not valid"),
  404: problem("There is nothing here"),
  500: problem("The gateway failed to answer"),
  503: problem("The gateway cannot answer now"),
};
