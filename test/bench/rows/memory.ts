/** Resident memory of the gateway's process: as `npm start` leaves it, and at its greatest under full load. */
import { setTimeout as sleep } from "node:timers/promises";
import { temporaryFolder } from "#test/journeys/folder.ts";
import { startProgram } from "#test/journeys/program.ts";
import { startGatewayProcess } from "#test/journeys/running-gateway.ts";
import type { Bench, Measured, Row } from "../figure.ts";
import { round } from "../load-figures.ts";
import { memoryMb, proportionalMb } from "../usage.ts";
import { burst } from "./burst-durable.ts";
import { sustained } from "./sustained-influx.ts";

const IDLE_S = 120;

export const memoryIdle: Row = {
  name: "memory-idle",
  title: "Resident memory, demo site idle with its simulated devices, after two minutes",
  unit: "MB",
  goal: 150,
  reach: "at most",
  runs: 1,
  measure: idle,
  beside: async () => [],
};

/** The devices live in a process of their own, as in `npm start`. */
async function idle({ quick }: Bench): Promise<Measured> {
  await using folder = await temporaryFolder();
  await using gateway = await startGatewayProcess({ data: `${folder.path}/data` });
  await using _devices = startProgram("firmware-sim/main.ts", [
    "--world",
    "--open-now",
    "--scenario=busy-day",
    "--wait",
    `--broker=${gateway.broker}`,
  ]);
  await sleep((quick ? IDLE_S / 10 : IDLE_S) * 1000);
  return {
    value: memoryMb(gateway.pid, "VmRSS"),
    lost: 0,
    details: {
      seconds: quick ? IDLE_S / 10 : IDLE_S,
      proportionalMb: round(proportionalMb(gateway.pid)),
      greatestMb: round(memoryMb(gateway.pid, "VmHWM")),
    },
  };
}

export const memoryFull: Row = {
  name: "memory-full",
  title: "Resident memory at full load, greatest of burst-durable and sustained-influx",
  unit: "MB",
  goal: 400,
  reach: "at most",
  runs: 1,
  async measure(bench) {
    const shorter = { ...bench, quick: true };
    const runs = [await burst(bench, {}), await sustained(shorter)];
    const [embedded, influx] = runs.map(({ details }) => Number(details.memoryMb)) as [number, number];
    const lost = runs.reduce((sum, one) => sum + one.lost, 0);
    return { value: Math.max(embedded, influx), lost, details: { embedded, influx } };
  },
  beside: async () => [],
};
