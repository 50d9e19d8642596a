/** `npm start`: the demo job centre. Some weeks of history first, then gateway and simulated devices live. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { UNKNOWN_ORIGIN } from "./access/link-address.ts";
import { runProcess, untilAskedToStop } from "./command-line.ts";
import { type Address, type Config, readConfig } from "./config.ts";
import { type DemoBroker, demoBroker } from "./demo-broker.ts";
import { type DemoFlags, demoCommand } from "./demo-command.ts";
import { demoCredentials } from "./demo-credentials.ts";
import { type DemoPeople, demoPeople } from "./demo-people.ts";
import { AddressError, type Gateway, openGateway } from "./gateway.ts";
import { redactUrl } from "./history/open.ts";
import { originOf } from "./origin.ts";

const HISTORY = fileURLToPath(new URL("./demo-history.ts", import.meta.url));
const DEVICES = fileURLToPath(new URL("../firmware-sim/main.ts", import.meta.url));

const { config: file, seed, weeks: _, devices, ...overrides } = demoCommand().parse().opts<DemoFlags>();

await runProcess("npm start", async () => {
  const config = readConfig(process.env, { log: "warn", ...overrides }, file);
  await assertFree(config.http, "FORTROLIG_HTTP");
  if (config.broker === "") await assertFree(config.mqtt, "FORTROLIG_MQTT");
  const way = devices ? await demoBroker(config) : undefined;
  const code = await ended(spawn(process.execPath, [HISTORY, ...process.argv.slice(2)], { stdio: "inherit" }));
  if (code !== 0) {
    process.exitCode = code;
    return;
  }
  await using gateway = await openGateway(config, { anyHour: devices });
  const origin = gateway.origin ?? UNKNOWN_ORIGIN;
  const people = await demoPeople(gateway.access, config.site, config.data, origin);
  await using _fleet = way && startDevices(config, gateway, way);
  process.stdout.write(banner(config, origin, gateway.broker, people));
  await untilAskedToStop();
  process.stdout.write("\nStopping …\n");
});

async function ended(child: ReturnType<typeof spawn>): Promise<number> {
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? 1;
}

/** Before the weeks are made, not after. */
async function assertFree({ host, port }: Address, variable: string): Promise<void> {
  const probe = createServer();
  const free = once(probe, "listening");
  probe.listen(port, host);
  try {
    await free;
  } catch (cause) {
    throw new AddressError(`port ${port} on ${host} is taken; set ${variable}=host:port`, { cause });
  }
  probe.close();
  await once(probe, "close");
}

/** The whole site's devices in a process of their own, as real ones would be: they share nothing with the gateway but MQTT. */
function startDevices(config: Config, gateway: Gateway, { host, flags }: DemoBroker): AsyncDisposable {
  const life = ["--world", "--open-now", "--scenario", "busy-day", "--seed", seed, "--site", config.siteFile];
  const broker = config.broker === "" ? elsewhere(gateway.broker, host) : config.broker;
  const args = [...life, ...demoCredentials(config, gateway.devices), ...flags, "--wait", "--broker", broker];
  const child = spawn(process.execPath, [DEVICES, ...args], { stdio: ["ignore", "ignore", "inherit"] });
  let stopping = false;
  const end = ended(child).then((code) => {
    if (!stopping) process.stderr.write(`npm start: the simulated devices stopped with code ${code}\n`);
  });
  return {
    async [Symbol.asyncDispose]() {
      stopping = true;
      child.kill("SIGTERM");
      await end;
    },
  };
}

/** The same by another name for its host. */
function elsewhere(address: string, host: string): string {
  const { protocol, port } = new URL(address);
  return originOf(protocol.slice(0, -1), { host, port: Number(port) });
}

/** A path as short as it can be said from here. */
function fromHere(path: string): string {
  const inside = relative(process.cwd(), path);
  return inside.startsWith("..") ? path : inside || ".";
}

function banner(config: Config, url: string, broker: string, { password, links, tokensFile }: DemoPeople): string {
  const { site } = config;
  const data = fromHere(config.data);
  const simulated = devices
    ? `${site.devices.length} sensors in ${site.rooms.length} rooms, living opening hours at any time of day`
    : "nothing; devices may connect";
  return `
Fortrolig is running: ${site.name.en}

  Dashboard     ${url}
  Sign in       with a role's name, such as team-lead, and the password ${password}
                or open one of these; each works once:
${links.map(({ role, url: link }) => `                ${role.padEnd(11)} ${link}`).join("\n")}
  For programs  ${fromHere(tokensFile)}: a token for each role, Authorization: Bearer …
  Simulated     ${simulated}
  Devices       ${broker}
  Data          ${data}/ (history: ${redactUrl(config.history)})
  API           ${url}/openapi.json

  InfluxDB      FORTROLIG_HISTORY=influxdb://user:password@127.0.0.1:8086/fortrolig npm start
  A recording   npm run device -- --wav FILE --room K1

Ctrl-C stops. The next start keeps the data.
`;
}
