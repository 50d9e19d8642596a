/** A real InfluxDB 1.x server for tests. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort, onFreePorts, type Service, startService } from "./service.ts";

export interface Influxd extends Service {
  readonly port: number;
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** Runs one InfluxQL statement and answers the parsed body; for arranging and checking tests, past the code under test. */
  query(statement: string, db?: string): Promise<unknown>;
}

export interface InfluxdOptions {
  /** Asks for credentials; the user named here is made as administrator. */
  readonly admin?: { readonly username: string; readonly password: string };
}

export const startInfluxd = (options: InfluxdOptions = {}): Promise<Influxd> =>
  onFreePorts(async () => {
    const [port, rpcPort] = [await freePort(), await freePort()];
    const url = `http://127.0.0.1:${port}`;
    const service = await startService({
      program: "influxd",
      arrange: async (folder) => {
        const config = join(folder, "influxdb.conf");
        await writeFile(config, configuration(folder, port, rpcPort, options));
        return ["run", "-config", config];
      },
      ready: async () => (await fetch(`${url}/ping`).catch(() => undefined))?.status === 204,
    });
    const { admin } = options;
    const query = async (statement: string, db?: string) => {
      const body = new URLSearchParams({ q: statement, epoch: "ms", ...(db && { db }) });
      const authorization = admin && { authorization: `Basic ${btoa(`${admin.username}:${admin.password}`)}` };
      const response = await fetch(`${url}/query`, {
        method: "POST",
        body,
        ...(authorization && { headers: authorization }),
      });
      return response.json();
    };
    if (admin) await query(`CREATE USER "${admin.username}" WITH PASSWORD '${admin.password}' WITH ALL PRIVILEGES`);
    return Object.assign(service, { port, url, query });
  });

const configuration = (folder: string, port: number, rpcPort: number, options: InfluxdOptions): string => `
reporting-disabled = true
bind-address = "127.0.0.1:${rpcPort}"
[meta]
  dir = "${folder}/meta"
[data]
  dir = "${folder}/data"
  wal-dir = "${folder}/wal"
  query-log-enabled = false
[retention]
  check-interval = "30m"
[monitor]
  store-enabled = false
[subscriber]
  enabled = false
[continuous_queries]
  enabled = false
[http]
  bind-address = "127.0.0.1:${port}"
  auth-enabled = ${options.admin !== undefined}
  log-enabled = false
[logging]
  level = "error"
`;
