/** The first step of `npm start`, in a process of its own, so that the gateway begins with a clean memory. */
import { runProcess } from "./command-line.ts";
import { readConfig } from "./config.ts";
import { type DemoFlags, demoCommand } from "./demo-command.ts";
import { makeHistory } from "./made-history.ts";

const { config: file, seed, weeks, devices: _, ...overrides } = demoCommand().parse().opts<DemoFlags>();

await runProcess("npm start", async () => {
  await makeHistory({ config: readConfig(process.env, overrides, file), days: 7 * weeks, seed });
});
