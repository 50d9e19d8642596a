/** `npm run devices`: which devices hold a credential; claim codes; revocation. On the gateway's machine, whether it runs or not. */
import { Command } from "commander";
import type { Id } from "#protocol/quantities.ts";
import { runProcess } from "../command-line.ts";
import { ConfigError, readConfig } from "../config.ts";
import { type Actor, type DeviceBook, openDeviceBook } from "./device-book.ts";
import { enrolmentTable } from "./enrolment-table.ts";
import { enrolmentView, offerOf } from "./views.ts";

/** Who did it, for the audit log: somebody who may use this machine's command line. */
const SOMEBODY: Actor = { actor: "command-line", role: "command-line" };

interface Flags {
  readonly config?: string;
  readonly site?: string;
  readonly data?: string;
  readonly json?: true;
}

const NOTES = `
A claim code is shown once and good for seven days and one device, which uses it up:
  npm run device -- --device k1 --claim CODE --broker mqtts://gateway:8883 --ca ca.pem
Whoever holds a revoked credential is cut off within a second.`;

const command = new Command("npm run devices --")
  .description("The devices of the site and what they are known by.")
  .option("--config <file>", "settings file (fortrolig.yaml if there is one)")
  .option("--site <file>", "site file (FORTROLIG_SITE)")
  .option("--data <folder>", "the gateway's data folder (FORTROLIG_DATA)")
  .option("--json", "JSON instead of words")
  .addHelpText("after", NOTES);

command
  .command("list")
  .description("every device of the site: credential, since when, claim code")
  .action(() => run(list));
command
  .command("claim")
  .description("a new claim code for a device, or with --all one for each that never had a credential")
  .argument("[id]", "device of the site file")
  .option("--all", "for each device that never had a credential")
  .action((id: string | undefined, { all }: { all?: true }) => run((book, devices) => claim(book, devices, id, all)));
command
  .command("revoke")
  .description("takes a device's credential and claim code away")
  .argument("<id>", "device of the site file, or one that is listed")
  .action((id: string) => run((book, devices) => revoke(book, devices, id)));

/** What is said: as JSON, and in words. */
interface Answer {
  readonly json: unknown;
  readonly words: string;
}

async function run(act: (book: DeviceBook, devices: readonly Id[]) => Answer): Promise<void> {
  await runProcess("devices", async () => {
    const { config: file, json, ...overrides } = command.opts<Flags>();
    const { data, site } = readConfig(process.env, overrides, file);
    using book = openDeviceBook(data, { now: Date.now });
    const answer = act(
      book,
      site.devices.map(({ id }) => id),
    );
    process.stdout.write(json ? `${JSON.stringify(answer.json)}\n` : answer.words);
  });
}

function list(book: DeviceBook, devices: readonly Id[]): Answer {
  const enrolments = devices.map(book.of);
  return { json: enrolments.map(enrolmentView), words: enrolmentTable(enrolments) };
}

function claim(book: DeviceBook, devices: readonly Id[], id: string | undefined, all: true | undefined): Answer {
  if ((id === undefined) === (all === undefined)) throw new ConfigError("name a device, or say --all (see --help)");
  // Who was thrown out comes back one by one only.
  const without = () => devices.filter((device) => book.of(device).credential === "none");
  const wanted = id === undefined ? without() : [known(devices, id)];
  const offers = wanted.map((device) => offerOf(book, device, SOMEBODY));
  const lines = offers.map(({ device, code, until }) => `${device}  ${code}  until ${until}\n`);
  return {
    json: id === undefined ? offers : offers[0],
    words: lines.join("") || "no device is without a credential; those that were revoked are named one by one\n",
  };
}

function revoke(book: DeviceBook, devices: readonly Id[], id: string): Answer {
  const device = book.of(id).credential === "none" ? known(devices, id) : id;
  book.revoke(device, SOMEBODY);
  return { json: enrolmentView(book.of(device)), words: `${device} is revoked\n` };
}

function known(devices: readonly Id[], id: string): Id {
  if (!devices.includes(id)) throw new ConfigError(`no device "${id}"; there are ${devices.join(", ")}`);
  return id;
}

await command.parseAsync();
