import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Influxd, startInfluxd } from "#test/services/influxd.ts";
import { type Arrangement, historyContract } from "./contract.ts";
import type { Point } from "./history.ts";
import { type Influx1Options, openInflux1History } from "./influx1.ts";
import { retentionDays } from "./measurements.ts";

const admin = { username: "root", password: "se cret:%" };
let influxd: Influxd;
let databases = 0;

beforeAll(async () => {
  influxd = await startInfluxd({ admin });
  await influxd.query("CREATE USER reader WITH PASSWORD 'reader'");
});
afterAll(() => influxd[Symbol.asyncDispose]());

const optionsFor = (database: string): Influx1Options => ({
  protocol: "http",
  host: "127.0.0.1",
  port: influxd.port,
  database,
  ...admin,
});

async function arrange(): Promise<Arrangement> {
  const options = optionsFor(`test_${++databases}`);
  return {
    open: () => openInflux1History(options),
    readsWhileAway: false,
    away: () => influxd.stop(),
    back: () => influxd.start(),
    async crash() {
      await influxd.kill();
      await influxd.start();
    },
    wrong: {
      "a wrong password": () => openInflux1History({ ...options, password: "wrong" }),
      "no credentials": () => openInflux1History({ ...options, username: undefined }),
      "a user without rights": () => openInflux1History({ ...options, username: "reader", password: "reader" }),
    },
    async conflict() {
      await openInflux1History(options).prepare();
      await writeLine(options.database, `level,device=a,room=K1,site=s laeq=1i ${Date.now()}`);
    },
    async [Symbol.asyncDispose]() {
      await influxd.query(`DROP DATABASE "${options.database}"`);
    },
  };
}

const writeLine = async (database: string, line: string) => {
  const authorization = `Basic ${btoa(`${admin.username}:${admin.password}`)}`;
  const url = `${influxd.url}/write?${new URLSearchParams({ db: database, rp: "raw", precision: "ms" })}`;
  expect((await fetch(url, { method: "POST", body: line, headers: { authorization } })).status).toBe(204);
};

historyContract("influxdb 1.x, against a real influxd", arrange);

describe("influxdb 1.x", () => {
  const level = (t: number, fields: Point["fields"] = { laeq: 40 }): Point => ({
    measurement: "level",
    tags: { site: "demo", room: "K1", device: "a" },
    t,
    fields,
  });
  const now = Date.now();
  const all = { measurement: "level", from: 0, to: now + 1000 } as const;
  const arranged = async (story: (options: Influx1Options) => Promise<void>) => {
    const options = optionsFor(`more_${++databases}`);
    await openInflux1History(options).prepare();
    await story(options);
    await influxd.query(`DROP DATABASE "${options.database}"`);
  };
  const policies = async (database: string) =>
    (await influxd.query(`SHOW RETENTION POLICIES ON "${database}"`)) as {
      results: { series: { values: unknown[][] }[] }[];
    };

  it("makes a retention policy per tier", () =>
    arranged(async ({ database }) => {
      const answer = await policies(database);
      expect(answer.results[0]?.series[0]?.values.map((row) => row.slice(0, 3))).toEqual([
        ["autogen", "0s", "168h0m0s"],
        ["raw", `${retentionDays.raw * 24}h0m0s`, "24h0m0s"],
        ["minute", `${retentionDays.minute * 24}h0m0s`, "168h0m0s"],
        ["hour", `${retentionDays.hour * 24}h0m0s`, "720h0m0s"],
      ]);
    }));

  it("shortens a policy that keeps for longer, and leaves one that keeps for less", () =>
    arranged(async (options) => {
      await influxd.query(`ALTER RETENTION POLICY "minute" ON "${options.database}" DURATION 300d`);
      await openInflux1History({ ...options, retention: { raw: 7, minute: 350, hour: 1826 } }).prepare();
      const values = (await policies(options.database)).results[0]?.series[0]?.values;
      expect(values?.map((row) => row[1])).toEqual(["0s", "168h0m0s", `${300 * 24}h0m0s`, `${1826 * 24}h0m0s`]);
    }));

  it("once it is made, rights on the database alone are enough", () =>
    arranged(async (options) => {
      await influxd.query("CREATE USER gateway WITH PASSWORD 'gateway'");
      await influxd.query(`GRANT ALL ON "${options.database}" TO gateway`);
      const history = openInflux1History({ ...options, username: "gateway", password: "gateway" });
      await history.prepare();
      await history.write([level(now)]);
      expect(await history.select(all)).toEqual([level(now)]);
      await history.purge(now);
    }));

  it("a database or a retention policy that has gone holds the writes", () =>
    arranged(async (options) => {
      const history = openInflux1History(options);
      await influxd.query(`DROP RETENTION POLICY "raw" ON "${options.database}"`);
      await expect(history.write([level(now)])).rejects.toMatchObject({ failure: "held" });
      await expect(history.select(all)).rejects.toMatchObject({ failure: "held" });
      await influxd.query(`DROP DATABASE "${options.database}"`);
      await expect(history.write([level(now)])).rejects.toMatchObject({ failure: "held" });
      await expect(history.select(all)).rejects.toMatchObject({ failure: "held" });
    }));

  it("a type conflict that arises later is refused, and the good points of the batch are stored", () =>
    arranged(async (options) => {
      await writeLine(options.database, `level,device=a,room=K1,site=demo l90=30i ${now - 5}`);
      const history = openInflux1History(options);
      const batch = [level(now), level(now + 1, { laeq: 41, l90: 30 }), level(now + 2)];
      await expect(history.write(batch)).rejects.toMatchObject({
        failure: "refused",
        message: expect.stringMatching(/^400 .*field type conflict.*dropped=1/),
      });
      expect((await history.select(all)).filter((point) => point.fields.laeq !== undefined)).toEqual([
        batch[0],
        batch[2],
      ]);
    }));

  it("points older than their tier keeps are gone as after a purge; the others of the batch are stored", () =>
    arranged(async (options) => {
      const history = openInflux1History(options);
      await history.write([level(now - 30 * 86_400_000), level(now)]);
      expect(await history.select(all)).toEqual([level(now)]);
    }));
});
