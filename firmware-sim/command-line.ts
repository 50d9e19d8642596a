/** The words of `npm run device`. Names, defaults and what is refused; nothing is read or opened here. */
import { resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { type Fault, faultKinds, parseFault } from "./faults/fault.ts";
import { scenarios } from "./simulated-world.ts";

/** As given; what was not given and has no default is absent. */
export interface Words {
  readonly wav?: string;
  readonly stdin?: true;
  readonly world?: true;
  readonly room?: string;
  readonly device?: string;
  readonly level: number;
  readonly sensitivity?: number;
  readonly loop?: true;
  readonly tail: number;
  readonly noise?: number;
  readonly people: number;
  readonly seed: string;
  readonly scenario: string;
  readonly openNow?: true;
  readonly levels?: true;
  readonly audio?: true;
  readonly publishTo?: string;
  readonly from?: number;
  readonly until?: number;
  readonly leases: "none" | "conversation";
  readonly broker: string;
  readonly wait?: true;
  readonly outbox?: string;
  readonly claim?: string;
  readonly claims?: string;
  readonly credentials: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly site: string;
  readonly fault: readonly Fault[];
}

const EXAMPLES = `
Examples
  Play a recording into office K1 of a gateway that runs on this machine:
    npm run device -- --wav talk.wav --room K1
  The same, quietly, with ventilation behind it, until it is stopped:
    npm run device -- --wav talk.wav --room K1 --level 50 --noise 30 --loop
  Make this machine a sensor:
    arecord -q -f S16_LE -r 16000 -c 1 -t raw | npm run --silent device -- --stdin --room S4
  The whole demo site, live, as if the house were open now:
    npm run device -- --world --open-now
  A week of it as a file, as fast as the machine can:
    npm run --silent device -- --world --from 2026-01-05 --until 2026-01-12 --publish-to week.jsonl
  A device that has been given a claim code, once; from then on it has its credential:
    npm run device -- --device k1 --claim 7Q2M-K0VX-9TSC-41HE --broker mqtts://gateway:8883 --ca ca.pem
  An office whose network is away from the second to the fifth minute:
    npm run device -- --wav talk.wav --room K1 --loop --fault disconnect@2m..5m

Faults
${Object.entries(faultKinds)
  .map(([kind, what]) => `  ${kind.padEnd(11)} ${what}`)
  .join("\n")}
  Times count from the start: seconds, or with s, m or h. Without them the fault lasts the whole run. Without a device
  all of the site have it.`;

export function readCommandLine(argv: readonly string[], env: NodeJS.ProcessEnv): Words {
  const path = pathFrom(env);
  const command = new Command("npm run device --")
    .description("One simulated acoustic-privacy sensor, or all of a site: hears, judges, publishes over MQTT.")
    .addOption(
      new Option("--wav <file>", "hear this recording, in real time").argParser(path).conflicts(["stdin", "world"]),
    )
    .addOption(new Option("--stdin", "hear PCM from standard input: S16_LE, 16 kHz, mono").conflicts("world"))
    .option("--world", "all devices of the site hear a simulated week")
    .optionsGroup("Where:")
    .option("--room <id>", "room in which it is heard; the first device of that room hears it")
    .option("--device <id>", "this device hears it, wherever it is")
    .option("--site <file>", "site file", path, env.FORTROLIG_SITE || "protocol/demo-site.yaml")
    .option("--broker <url>", "MQTT broker", brokerOf(env))
    .option("--wait", "keep trying when the broker does not answer at the start")
    .option("--outbox <file>", "where unconfirmed messages survive the end of the program", path)
    .optionsGroup("Credential:")
    .option("--claim <code>", "first use this claim code; alone it does only that")
    .addOption(
      new Option("--claims <file>", "the same for many devices: JSON as of npm run devices -- claim --all")
        .argParser(path)
        .conflicts("claim"),
    )
    .option(
      "--credentials <folder>",
      "where devices keep what they are known by",
      path,
      env.FORTROLIG_CREDENTIALS || "credentials",
    )
    .option("--ca <file>", "authority that vouches for the broker (PEM)", path)
    .option("--cert <file>", "the device's certificate instead of a secret (PEM)", path)
    .option("--key <file>", "its key (PEM)", path)
    .optionsGroup("Recording:")
    .option("--level <dB>", "active speech level at the microphone", number, 60)
    .option("--sensitivity <dBFS>", "instead of --level: what 94 dB is in the recording, such as -26", number)
    .option("--noise <NC>", "ventilation behind it, NC curve 15 to 45", number)
    .option("--loop", "again and again, until stopped")
    .option("--tail <seconds>", "listen on to the quiet room afterwards", number, 90)
    .option("--people <count>", "people whom radar and infrared see in the room", number, 2)
    .optionsGroup("World:")
    .addOption(new Option("--levels", "levels without audio (the default)").conflicts("audio"))
    .option("--audio", "audio through every device's whole signal path")
    .option("--seed <text>", "same seed, same world", "1")
    .addOption(
      new Option("--scenario <name>", "what happens").choices(Object.keys(scenarios)).default("job-centre-week"),
    )
    .option("--open-now", "live the opening hours at any hour of the clock")
    .optionsGroup("Without a broker:")
    .option("--publish-to <file>", "virtual time: write every publication as a JSON line; - is standard output", path)
    .option("--from <time>", "first instant, such as 2026-01-05T08:00Z", instant)
    .option("--until <time>", "instant after the last", instant)
    .addOption(
      new Option("--leases <when>", "conversation: devices say bands while somebody talks in or next to their room")
        .choices(["none", "conversation"])
        .default("none"),
    )
    .optionsGroup("What goes wrong:")
    .option("--fault <kind>", "KIND[:AMOUNT][@START..END][/DEVICE], may be repeated", collect, [])
    .addHelpText("after", EXAMPLES);
  command.parse(argv, { from: "user" });
  const words = command.opts<Words>();
  const problem = whyNot(words);
  if (problem) command.error(`error: ${problem}`);
  return words;
}

/** What does not fit together. */
function whyNot(words: Words): string | undefined {
  const { wav, stdin, world, room, device, publishTo, from, until, leases, fault } = words;
  const claims = words.claim !== undefined || words.claims !== undefined;
  if (words.claim && !room && !device) return "--claim goes with --device ID or --room ID";
  if ((words.cert === undefined) !== (words.key === undefined)) return "--cert and --key come together";
  if (claims && (publishTo || words.cert))
    return "--claim draws a secret for a broker; it goes with neither --publish-to nor --cert";
  if (claims && !wav && !stdin && !world) return undefined;
  if (!wav && !stdin && !world) return "say what is to be heard: --wav FILE, --stdin or --world (see --help)";
  if (!world && !room && !device) return "say where it is heard: --room ID or --device ID";
  if (world && room) return "--room does not go with --world; --device ID runs one device of it";
  if (world && publishTo && (from === undefined || until === undefined))
    return "a world in virtual time needs --from and --until";
  if (from !== undefined && until !== undefined && until <= from) return "--until lies before --from";
  if (leases !== "none" && !world) return "--leases goes with --world";
  if (leases !== "none" && publishTo !== "-")
    return "--leases goes with --publish-to - only: bands are never written to a file";
  if (!world && fault.some((one) => one.device)) return "--fault …/DEVICE goes with --world; else one device hears";
  if (publishTo && words.loop && until === undefined) return "--loop in virtual time needs --until";
  return undefined;
}

/** npm runs the program in the repository; a path is meant from where npm was called. */
const pathFrom = (env: NodeJS.ProcessEnv) => (path: string) =>
  path === "-" || env.npm_lifecycle_event !== "device" ? path : resolve(env.INIT_CWD ?? ".", path);

/** `FORTROLIG_BROKER` names an outside broker; else the gateway's own is at `FORTROLIG_MQTT`. */
function brokerOf(env: NodeJS.ProcessEnv): string {
  if (env.FORTROLIG_BROKER) return env.FORTROLIG_BROKER;
  const address = (env.FORTROLIG_MQTT || "127.0.0.1:1883").replace(/^(0\.0\.0\.0|\[::\])(?=:)/, "127.0.0.1");
  return `mqtt://${address}`;
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError(`"${text}" is not a number.`);
  return value;
}

function instant(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError(`"${text}" is not a time such as 2026-01-05T08:00Z.`);
  return Math.floor(ms / 1000) * 1000;
}

const collect = (text: string, before: readonly Fault[]): readonly Fault[] => [...before, parseFault(text)];
