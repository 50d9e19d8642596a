import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Influx2Translator, startInflux2Translator } from "#test/services/influx2-translator.ts";
import { type Influxd, startInfluxd } from "#test/services/influxd.ts";
import { type Arrangement, historyContract } from "./contract.ts";
import type { Point } from "./history.ts";
import { type Influx2Options, openInflux2History } from "./influx2.ts";

const account = { org: "property centre", token: "to-ken==" };
let influxd: Influxd;
let translator: Influx2Translator;
let buckets = 0;

beforeAll(async () => {
  influxd = await startInfluxd();
  translator = await startInflux2Translator(influxd, account);
});
afterAll(async () => {
  await translator[Symbol.asyncDispose]();
  await influxd[Symbol.asyncDispose]();
});

async function arrange(): Promise<Arrangement> {
  const bucket = `test_${++buckets}`;
  for (const suffix of ["", "_1m", "_1h"]) await translator.makeBucket(bucket + suffix);
  const options: Influx2Options = { url: translator.url, bucket, ...account };
  return {
    open: () => openInflux2History(options),
    readsWhileAway: false,
    away: () => translator.stop(),
    back: () => translator.start(),
    async crash() {
      await influxd.kill();
      await influxd.start();
    },
    wrong: {
      "a wrong token": () => openInflux2History({ ...options, token: "old" }),
      "a missing bucket": () => openInflux2History({ ...options, bucket: "absent" }),
    },
    conflict: () => writeLine(bucket, `level,device=a,room=K1,site=s laeq=1i ${Date.now()}`),
    async [Symbol.asyncDispose]() {
      for (const suffix of ["", "_1m", "_1h"]) await influxd.query(`DROP DATABASE "${bucket}${suffix}"`);
    },
  };
}

const writeLine = async (database: string, line: string) => {
  const url = `${influxd.url}/write?${new URLSearchParams({ db: database, precision: "ms" })}`;
  expect((await fetch(url, { method: "POST", body: line })).status).toBe(204);
};

historyContract("influxdb 2.x, against a translator in front of a real influxd 1.x (no 2.x server to be had)", arrange);

describe("influxdb 2.x (translator in front of influxd 1.x)", () => {
  const level = (t: number): Point => ({
    measurement: "level",
    tags: { site: "demo", room: "K1", device: "a" },
    t,
    fields: { laeq: 40 },
  });

  it("writes gzip with millisecond precision", async () => {
    await using arrangement = await arrange();
    await arrangement.open().write([level(Date.now())]);
    expect(translator.writes.at(-1)).toEqual({ encoding: "gzip", precision: "ms" });
  });

  it("names every bucket that its operator has yet to make", async () => {
    await translator.makeBucket("half");
    await using history = openInflux2History({ url: translator.url, bucket: "half", ...account });
    await expect(history.prepare()).rejects.toMatchObject({
      failure: "held",
      message: "organisation property centre has no bucket half_1m, half_1h",
    });
    await influxd.query("DROP DATABASE half");
  });

  it("an unknown organisation holds the writes", async () => {
    await using arrangement = await arrange();
    await using history = openInflux2History({
      url: translator.url,
      bucket: `test_${buckets}`,
      ...account,
      org: "other",
    });
    await expect(history.write([level(Date.now())])).rejects.toMatchObject({ failure: "held" });
    expect(await arrangement.open().count({ measurement: "level", from: 0, to: Date.now() + 1000 })).toBe(0);
  });

  it("a type conflict that arises later (422) is refused", async () => {
    await using arrangement = await arrange();
    await arrangement.conflict();
    await expect(arrangement.open().write([level(Date.now())])).rejects.toMatchObject({
      failure: "refused",
      message: expect.stringMatching(/^422 /),
    });
  });

  it("a server that asks for patience is unavailable for that long", async () => {
    await using arrangement = await arrange();
    await influxd.stop();
    const history = arrangement.open();
    const patience = { failure: "unavailable", retryAfterMs: 1000, unreachable: false };
    try {
      await expect(history.write([level(Date.now())])).rejects.toMatchObject(patience);
      await expect(history.count({ measurement: "level", from: 0, to: 1 })).rejects.toMatchObject(patience);
    } finally {
      await influxd.start();
    }
  });
});
