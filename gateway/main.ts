/** `npm run gateway`: the gateway alone, for real devices. */
import { signInLink, UNKNOWN_ORIGIN } from "./access/link-address.ts";
import { type Flags, runProcess, settingsCommand, untilAskedToStop } from "./command-line.ts";
import { readConfig, redacted } from "./config.ts";
import { openGateway } from "./gateway.ts";

const command = settingsCommand("npm run gateway --", "Takes readings in over MQTT, keeps them, alerts, answers.")
  .option("--check", "validate and print the settings, then stop")
  .addHelpText(
    "after",
    "\nFlags win over environment variables, those over the settings file. Ends cleanly on Ctrl-C.",
  );

const { config: file, check, ...overrides } = command.parse().opts<Flags>();

await runProcess("gateway", async () => {
  const config = readConfig(process.env, overrides, file);
  if (check) {
    process.stdout.write(`${JSON.stringify(redacted(config), null, 2)}\n`);
    return;
  }
  await using gateway = await openGateway(config);
  const { unleasedBitsPerS, leasedBitsPerS } = gateway.pipeline.budget;
  process.stderr.write(
    `Fortrolig gateway: ${gateway.url}, devices at ${gateway.broker}. ` +
      `A device can say at most ${unleasedBitsPerS.toFixed(2)} bit/s, ${leasedBitsPerS.toFixed(1)} more under a lease. Ctrl-C stops.\n`,
  );
  // Past the log, and where only whoever starts the gateway sees it.
  const first = config.oidc === undefined ? gateway.access.firstAdministrator() : undefined;
  if (first !== undefined)
    process.stderr.write(
      `Nobody can sign in yet. Whoever opens this link within an hour becomes the first administrator; it works once:\n  ${signInLink(gateway.origin ?? UNKNOWN_ORIGIN, first)}\n`,
    );
  await untilAskedToStop();
});
