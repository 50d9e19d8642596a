/** A gateway that is to be opened again and cannot be: tried until it can, and not longer than anybody wants it. */
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, expect, it, type MockInstance, vi } from "vitest";
import { handClock } from "./clock.ts";
import { type Config, readConfig } from "./config.ts";
import type { Gateway } from "./gateway.ts";
import { keepOpen } from "./keep-open.ts";

const config = readConfig({ FORTROLIG_HTTP: "127.0.0.1:0", FORTROLIG_MQTT: "127.0.0.1:0" });

let said: MockInstance<typeof process.stderr.write>;
beforeEach(() => {
  said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
});
afterEach(() => said.mockRestore());
const words = () => said.mock.calls.map(([line]) => String(line));

/** Gateways that only say when they are opened and closed, and fail as told. */
function openings() {
  const clock = handClock(0);
  const seen: string[] = [];
  let faults: string[] = [];
  let inForce = () => {};
  const open = async (given: Config, onInForce: () => void): Promise<Gateway> => {
    const fault = faults.shift();
    seen.push(`${clock.now()}: ${fault ?? `open, asked for ports ${given.http.port} and ${given.mqtt.port}`}`);
    if (fault !== undefined) throw new Error(fault);
    inForce = onInForce;
    return {
      url: "http://127.0.0.1:8081",
      broker: "mqtt://127.0.0.1:1884",
      [Symbol.asyncDispose]: async () => void seen.push(`${clock.now()}: closed`),
    } as unknown as Gateway;
  };
  const settle = async () => {
    for (let i = 0; i < 10; i++) await turn();
  };
  return {
    clock,
    seen,
    open,
    failWith: (...next: string[]) => {
      faults = next;
    },
    /** Other settings are in force. */
    async change() {
      inForce();
      await settle();
    },
    async passTo(at: number) {
      clock.advanceTo(at);
      await settle();
    },
  };
}

it("what cannot be opened again is tried every five seconds, on its ports, until it can", async () => {
  const { clock, seen, open, failWith, change, passTo } = openings();
  await using gateway = await keepOpen(open, config, clock);
  failWith("the disk is full", "port 8081 is taken");
  await change();
  for (const at of [4999, 5000, 9999, 10_000, 60_000]) await passTo(at);
  expect(seen).toEqual([
    "0: open, asked for ports 0 and 0",
    "0: closed",
    "0: the disk is full",
    "5000: port 8081 is taken",
    "10000: open, asked for ports 8081 and 1884",
  ]);
  expect(words()).toEqual([
    "gateway: not open, trying again: the disk is full\n",
    "gateway: not open, trying again: port 8081 is taken\n",
  ]);
  expect(gateway.url).toBe("http://127.0.0.1:8081");
});

it("the first opening's fault is the caller's", async () => {
  const { clock, seen, open, failWith } = openings();
  failWith("no site");
  await expect(keepOpen(open, config, clock)).rejects.toThrow("no site");
  expect([seen, words()]).toEqual([["0: no site"], []]);
});

it("one that waits to be tried again is given up when nobody wants it any more, and is not closed twice", async () => {
  const { clock, seen, open, failWith, change, passTo } = openings();
  const gateway = await keepOpen(open, config, clock);
  failWith("the disk is full");
  await change();
  await gateway[Symbol.asyncDispose]();
  await passTo(60_000);
  expect(seen).toEqual(["0: open, asked for ports 0 and 0", "0: closed", "0: the disk is full"]);
});

it("settings that change once more meanwhile open it once more", async () => {
  const { clock, seen, open, change } = openings();
  await using _ = await keepOpen(open, config, clock);
  await Promise.all([change(), change()]);
  expect(seen.map((line) => line.slice(3, 9))).toEqual(["open, ", "closed", "open, ", "closed", "open, "]);
});
