/** A real Mosquitto broker for tests, with persistent sessions that survive its restart. */
import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { freePort, onFreePorts, type Service, startService } from "./service.ts";

export interface Mosquitto extends Service {
  readonly port: number;
  /** `mqtt://127.0.0.1:port` */
  readonly url: string;
}

/** `settings` are further lines of mosquitto.conf. */
export const startMosquitto = (settings: readonly string[] = []): Promise<Mosquitto> =>
  onFreePorts(async () => {
    const port = await freePort();
    const service = await startService({
      program: "mosquitto",
      arrange: async (folder) => {
        const config = join(folder, "mosquitto.conf");
        await writeFile(config, [...configuration(folder, port), ...settings, ""].join("\n"));
        return ["-c", config];
      },
      ready: () => answers(port),
    });
    return Object.assign(service, { port, url: `mqtt://127.0.0.1:${port}` });
  });

/** `user root` keeps a broker that root starts from giving up its rights to the temporary folder; others ignore it. */
const configuration = (folder: string, port: number): string[] => [
  "user root",
  `listener ${port} 127.0.0.1`,
  "allow_anonymous true",
  "persistence true",
  `persistence_location ${folder}/`,
  "log_dest stderr",
  "log_type error",
  "log_type warning",
];

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => settle(true));
    socket.once("error", () => settle(false));
  });
