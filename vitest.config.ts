import { defineConfig } from "vitest/config";

const JOURNEYS = "test/journeys/**/*.test.ts";
/** A journey mostly waits for the clock, so that several go on beside each other, and beside the parts (test/run.ts). */
const JOURNEYS_AT_ONCE = 4;
/** Some parts wait for servers and disks: one more at a time than the two cores they are run on. */
const PARTS_AT_ONCE = 3;
/** What a test waits for comes when it comes: vitest's own second is less than a busy machine takes for a round trip. */
const PATIENCE_MS = 60_000;

export default defineConfig({
  test: {
    pool: "forks",
    testTimeout: 120_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: PATIENCE_MS } },
    dangerouslyIgnoreUnhandledErrors: false,
    projects: [
      {
        extends: true,
        test: {
          name: "parts",
          include: ["{protocol,firmware-sim,gateway,dashboard,test}/**/*.test.{ts,tsx}"],
          exclude: ["**/node_modules/**", JOURNEYS],
          maxWorkers: PARTS_AT_ONCE,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "journeys",
          include: [JOURNEYS],
          maxWorkers: JOURNEYS_AT_ONCE,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
