import { expect } from "vitest";

/** Waits, in a test, for what comes by itself, such as a message on its way through a broker. */
export const until = (fact: () => boolean): Promise<void> => expect.poll(fact, { interval: 5 }).toBe(true);
