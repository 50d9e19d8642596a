/** One round: a gateway that is killed so many times while devices talk to it, and what became of all they said. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "#firmware/world/random.ts";
import type { Millis } from "#protocol/quantities.ts";
import { holdTokens, makeTokensIn } from "#test/journeys/asking.ts";
import { type Folder, temporaryFolder } from "#test/journeys/folder.ts";
import { type Program, startProgram } from "#test/journeys/program.ts";
import { metric } from "#test/journeys/running-gateway.ts";
import { type CombinationName, combinations, type Ground, openGround } from "./combinations.ts";
import { deliveriesIn, gatherEvidence } from "./evidence.ts";
import { type Fleet, startFleet } from "./fleet.ts";
import { checkRun } from "./history-checker.ts";
import { type House, houseOf } from "./house.ts";
import { drawBlows, type Moment, type MomentKind } from "./moments.ts";
import { openReceiver, type Receiver } from "./receiver.ts";
import type { Life, RunHistory, Violation } from "./run-history.ts";

export interface RoundOptions {
  readonly combination: CombinationName;
  readonly kills: number;
  /** Readings/s of all devices together. */
  readonly rate: number;
  readonly devices: number;
  readonly random: Random;
  readonly onKill?: (kind: MomentKind) => void;
  /** Breaks the round off: it rejects when everything that it started has ended. */
  readonly signal?: AbortSignal;
}

export interface RoundResult {
  readonly combination: CombinationName;
  readonly kills: number;
  readonly seconds: number;
  /** Readings that came into being, all of which had a receipt in the end. */
  readonly readings: number;
  /** How many more left a device than came into being: sent again, or twice on purpose. */
  readonly resent: number;
  /** Alerts, and those of them that fired. */
  readonly alerts: number;
  readonly fired: number;
  /** Notifications, and how many of them the receiver got twice or more. */
  readonly notifications: number;
  readonly notifiedAgain: number;
  readonly violations: readonly Violation[];
}

/** So few that a round ends long before the journal forgets, and fits into memory. */
export const MOST_KILLS = 25;
/** The journal forgets what history has confirmed 15 min ago; what it does not hold cannot be checked. */
const LONGEST_MS = 14 * 60_000;

/** Resolves when the last gateway has taken in, stored and told everything, and has been judged. */
export async function runRound(options: RoundOptions): Promise<RoundResult> {
  const { combination, kills, rate, devices, random, onKill, signal } = options;
  const began = Date.now();
  await using stack = new AsyncDisposableStack();
  const house = houseOf(combination, devices);
  const folder = stack.use(await temporaryFolder());
  const ground = stack.use(await openGround(combination, folder.path, random.fork("ports")));
  const receiver = stack.use(await openReceiver(random.fork("receiver")));
  const gateway = await arrange(folder, ground, receiver, house, signal);
  const fleet = stack.use(
    startFleet({ house, broker: ground.broker, rate, long: longShare(kills), random: random.fork("devices") }),
  );
  const lives: Life[] = [];
  let startMs = FIRST_START_MS;
  for (const { moment, restMs } of drawBlows(random.fork("blows"), kills)) {
    const life = await liveUntil(moment, gateway, fleet, startMs);
    startMs = life.startMs ?? startMs;
    lives.push(life);
    onKill?.(moment.kind);
    await sleep(restMs);
  }
  fleet.calm();
  lives.push(await lastLife(gateway, fleet));
  if (Date.now() - began > LONGEST_MS) throw new Error("the round took longer than the journal remembers: fewer kills");
  const history: RunHistory = {
    broker: combinations[combination].broker,
    devices: fleet.histories(),
    lives,
    channel: CHANNEL,
    notified: receiver.notified,
    ...(await gatherEvidence(gateway.data, ground.history, house.site, began, Date.now())),
  };
  return { combination, kills, seconds: (Date.now() - began) / 1000, ...figures(history, fleet) };
}

/** A guess, until it has been seen. */
const FIRST_START_MS = 1200;
const CHANNEL = "team-lead";
/** An office's conversation is told once in a round, since what follows within five minutes continues it. */
const longShare = (kills: number): number => Math.min(0.7, 12 / kills);

interface Gateway {
  readonly data: string;
  readonly url: string;
  start(): Program;
}

/** Everything that each of its processes is told; they share folder and ports. */
async function arrange(
  folder: Folder,
  ground: Ground,
  receiver: Receiver,
  house: House,
  signal: AbortSignal | undefined,
): Promise<Gateway> {
  const site = join(folder.path, "site.json");
  const data = join(folder.path, "data");
  await writeFile(site, JSON.stringify(house.site));
  const webhooks = { [CHANNEL]: { url: receiver.url, secret: receiver.secret } };
  await writeFile(join(folder.path, "fortrolig.yaml"), JSON.stringify({ webhooks }));
  const env = {
    ...ground.settings,
    FORTROLIG_SITE: site,
    FORTROLIG_DATA: data,
    FORTROLIG_LOG: "error",
    // Most of a start is reading the program's text.
    NODE_COMPILE_CACHE: join(folder.path, "compiled"),
  };
  const url = `http://${ground.settings.FORTROLIG_HTTP}`;
  holdTokens(url, await makeTokensIn(data, house.site));
  return {
    data,
    url,
    start() {
      signal?.throwIfAborted();
      const program = startProgram("gateway/main.ts", [], { cwd: folder.path, env });
      const kill = () => program.kill("SIGKILL");
      signal?.addEventListener("abort", kill);
      program.ended.finally(() => signal?.removeEventListener("abort", kill)).catch(() => {});
      return program;
    },
  };
}

const LISTENS = /gateway: http:\S+, devices at mqtt:\S+\. /;

/** A gateway that is killed at its moment; `startMs`: how long it took to listen, if it did. */
async function liveUntil(
  moment: Moment,
  gateway: Gateway,
  fleet: Fleet,
  startMs: number,
): Promise<Life & { readonly startMs: number | undefined }> {
  const startedAt = Date.now();
  await using program = gateway.start();
  let listensAt: Millis | undefined;
  const listens = program.says(LISTENS).then(() => {
    listensAt = Date.now();
  });
  listens.catch(() => {});
  await whileAlive(program, until(moment, listens, fleet, startMs));
  program.kill("SIGKILL");
  await program.ended;
  return { startedAt, endedAt: Date.now(), startMs: listensAt && listensAt - startedAt };
}

/** Rejects with what the gateway said when it ends before. */
function whileAlive(program: Program, done: Promise<void>): Promise<void> {
  const ended = program.ended.then(() => {
    throw new Error(`the gateway ended by itself: ${program.out}${program.err}`);
  });
  return Promise.race([done, ended]);
}

async function until(moment: Moment, listens: Promise<void>, fleet: Fleet, startMs: number): Promise<void> {
  if (moment.kind === "starting") {
    await sleep(moment.share * startMs);
    return;
  }
  await listens;
  if (moment.kind !== "draining") {
    await sleep(moment.ms);
    return;
  }
  const enough = fleet.confirmed() + moment.share * fleet.waiting();
  for (const limit = Date.now() + DRAINING_MS; fleet.confirmed() < enough && Date.now() < limit; ) await sleep(LOOK_MS);
}

/** Everybody falls silent; when all is confirmed, told and stored, the gateway stops in good order. */
async function lastLife(gateway: Gateway, fleet: Fleet): Promise<Life> {
  const startedAt = Date.now();
  await using program = gateway.start();
  await program.says(LISTENS);
  await whileAlive(program, settled(gateway, fleet));
  program.kill("SIGTERM");
  const { code } = await program.ended;
  if (code !== 0) throw new Error(`the gateway ended with ${code}: ${program.err}`);
  return { startedAt, endedAt: Date.now() };
}

async function settled(gateway: Gateway, fleet: Fleet): Promise<void> {
  await sleep(LAST_WORDS_MS);
  fleet.hush();
  await eventually(() => fleet.waiting() === 0, "every reading has its receipt");
  await eventually(async () => (await behind(gateway.url)) === 0, "history holds every reading");
  await eventually(
    () => deliveriesIn(gateway.data).every(({ outcome }) => outcome !== null),
    "every notification is settled",
  );
}

/** So long everybody speaks to a gateway that lives on. */
const LAST_WORDS_MS = 1000;

async function behind(url: string): Promise<number> {
  const [messages, pending] = [
    await metric(url, "fortrolig_history_behind_messages"),
    await metric(url, "fortrolig_lane_pending_messages"),
  ];
  return messages[""]! + pending[""]!;
}

const LOOK_MS = 20;
/** A machine that has other things to do is not waited for. */
const DRAINING_MS = 10_000;
const PATIENCE_MS = 180_000;

/** Rejects when the condition does not come true in time. */
async function eventually(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const limit = Date.now() + PATIENCE_MS; !(await condition()); await sleep(LOOK_MS))
    if (Date.now() > limit) throw new Error(`waited ${PATIENCE_MS / 1000} s in vain until ${what}`);
}

function figures(history: RunHistory, fleet: Fleet): Omit<RoundResult, "combination" | "kills" | "seconds"> {
  const times = Map.groupBy(history.notified, ({ key }) => key);
  return {
    readings: fleet.said(),
    resent: fleet.sends() - fleet.said(),
    alerts: history.alerts.length,
    fired: history.alerts.filter(({ firedAt }) => firedAt !== null).length,
    notifications: history.deliveries.length,
    notifiedAgain: [...times.values()].filter(({ length }) => length > 1).length,
    violations: checkRun(history),
  };
}
