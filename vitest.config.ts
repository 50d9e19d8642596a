import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{protocol,firmware-sim,gateway,dashboard,test}/**/*.test.{ts,tsx}"],
    pool: "forks",
    testTimeout: 30_000,
    hookTimeout: 60_000,
    dangerouslyIgnoreUnhandledErrors: false,
  },
});
