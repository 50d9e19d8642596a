/** Whether every acknowledged reading is stored exactly once, in order, and every acknowledgement was true. Pure. */
import { isDeepStrictEqual } from "node:util";
import type { Point } from "#gateway/history/history.ts";
import { type Place, pointOf, type ReadingMessage } from "#gateway/history/points.ts";
import type { Received } from "#gateway/journal/journal.ts";
import type { DeviceHistory, Kept, Life, RunHistory, Said, Violation } from "./run-history.ts";

type Readings = Pick<RunHistory, "broker" | "devices" | "lives" | "kept" | "received" | "points">;

export function checkReadings({ broker, devices, lives, kept, received, points }: Readings): Violation[] {
  const keptOf = Map.groupBy(kept, ({ device }) => device);
  const receivedOf = Map.groupBy(received, ({ device }) => device);
  const pointsOf = Map.groupBy(points, ({ tags }) => tags.device!);
  return [
    ...strangers(devices, keptOf),
    ...devices.flatMap((device): Violation[] => {
      const rows = keptOf.get(device.device) ?? [];
      const found = rowsBySaid(device, rows);
      const known = knownBy(receivedOf.get(device.device) ?? []);
      return [
        ...found.violations,
        ...device.strayReceipts.map(
          (stray): Violation => ({ breach: "false receipt", what: `${device.device} ${stray}, which it never said` }),
        ),
        ...device.said.flatMap((said) => checkSaid(said, found.rowOf.get(said), known, device, broker)),
        ...checkOrder(device, found.rowOf, broker === "embedded" ? lives : undefined),
        ...checkHistory(device, rows, pointsOf.get(device.device) ?? []),
      ];
    }),
  ];
}

const strangers = (devices: readonly DeviceHistory[], keptOf: ReadonlyMap<string, readonly Kept[]>): Violation[] => {
  const names = new Set(devices.map(({ device }) => device));
  return [...keptOf.keys()]
    .filter((device) => !names.has(device))
    .map((device) => ({ breach: "invented", what: `readings of ${device}, which is no device of the run` }));
};

interface Identity {
  readonly boot: string;
  readonly seq: number;
}
const identityOf = ({ boot, seq }: Identity): string => `${boot} ${seq}`;
const named = (device: string, { boot, seq }: Identity): string => `${device} boot ${boot} seq ${seq}`;

/** Each row's reading; a row is the only one of its reading, and says what the device said. */
function rowsBySaid({ device, said }: DeviceHistory, rows: readonly Kept[]) {
  const saidBy = new Map(said.map((one) => [identityOf(one), one]));
  const rowOf = new Map<Said, Kept>();
  const violations: Violation[] = [];
  for (const row of rows) {
    const one = saidBy.get(identityOf(row));
    const what = `${named(device, row)}, journal id ${row.id}`;
    if (one === undefined || one.sends.length === 0) violations.push({ breach: "invented", what });
    else if (rowOf.has(one)) violations.push({ breach: "doubled", what: `${what} and ${rowOf.get(one)!.id}` });
    else {
      rowOf.set(one, row);
      if (row.payload !== one.payload || row.channel !== one.channel) violations.push({ breach: "altered", what });
    }
  }
  return { rowOf, violations };
}

/** Whether the journal takes an identity for received. */
function knownBy(received: readonly Received[]): (identity: Identity) => boolean {
  const runs = new Map(received.map((one) => [one.boot, one.runs]));
  return ({ boot, seq }) => (runs.get(boot) ?? []).some(([from, to]) => from <= seq && seq <= to);
}

function checkSaid(
  said: Said,
  row: Kept | undefined,
  known: (identity: Identity) => boolean,
  { device, silent }: DeviceHistory,
  broker: RunHistory["broker"],
): Violation[] {
  const { pubackAt, receiptAt, channel } = said;
  const what = named(device, said);
  const withheld = silent && channel !== "health";
  if (withheld && row !== undefined) return [{ breach: "invented", what: `${what}, of a silent room` }];
  const acknowledged = receiptAt !== null || (broker === "embedded" && pubackAt !== null);
  const isKnown = known(said);
  const isKept = isKnown && (withheld || row !== undefined);
  if (!isKept && (acknowledged || isKnown || row !== undefined))
    return [{ breach: row === undefined ? "lost" : "doubled", what: `${what}${wordsOn(said, isKnown)}` }];
  const violations: Violation[] = [];
  if (row !== undefined && broker === "embedded" && pubackAt !== null && row.receivedAt > pubackAt)
    violations.push({ breach: "false puback", what: `${what}, stored ${row.receivedAt - pubackAt} ms after it` });
  if (row !== undefined && receiptAt !== null && row.receivedAt > receiptAt)
    violations.push({ breach: "false receipt", what: `${what}, stored ${row.receivedAt - receiptAt} ms after it` });
  return violations;
}

const wordsOn = ({ pubackAt, receiptAt }: Said, isKnown: boolean): string =>
  [
    pubackAt === null ? "" : `, PUBACK at ${pubackAt}`,
    receiptAt === null ? "" : `, receipt at ${receiptAt}`,
    isKnown ? ", counted as received" : ", not counted as received",
  ].join("");

/**
 * What was sent before has the smaller id. Each row stems from one of its reading's sends: with the embedded broker from
 * one over a connection to the process that received it. A reading all of whose possible sends come before all of
 * another's is the earlier one; between others the device itself has left the order open.
 */
function checkOrder(
  { device, said, links }: DeviceHistory,
  rowOf: ReadonlyMap<Said, Kept>,
  lives: readonly Life[] | undefined,
): Violation[] {
  const spans = links.map((openedAt) => ({
    openedAt,
    deadAt: lives?.find(({ endedAt }) => endedAt > openedAt)?.endedAt ?? Number.POSITIVE_INFINITY,
  }));
  const stems = said.flatMap((one) => {
    const row = rowOf.get(one);
    if (row === undefined) return [];
    const orders = one.sends
      .filter(({ link }) => spans[link]!.openedAt <= row.receivedAt && row.receivedAt <= spans[link]!.deadAt)
      .map(({ order }) => order);
    return orders.length === 0 ? [] : [{ one, id: row.id, first: Math.min(...orders), last: Math.max(...orders) }];
  });
  const byLast = stems.toSorted((a, b) => a.last - b.last);
  const violations: Violation[] = [];
  let passed = 0;
  let greatest: (typeof stems)[number] | undefined;
  for (const later of stems.toSorted((a, b) => a.first - b.first)) {
    for (; byLast[passed]!.last < later.first; passed++)
      if (greatest === undefined || byLast[passed]!.id > greatest.id) greatest = byLast[passed]!;
    if (greatest !== undefined && greatest.id > later.id) {
      const what = `${named(device, later.one)} (id ${later.id}) before ${named(device, greatest.one)} (id ${greatest.id})`;
      violations.push({ breach: "out of order", what });
    }
  }
  return violations;
}

/** One point per row, of its device, measurement and time, with the reading's values; and no other. */
function checkHistory({ device }: DeviceHistory, rows: readonly Kept[], points: readonly Point[]): Violation[] {
  const nameOf = ({ measurement, t }: Point) => `${measurement} ${t}`;
  const found = Map.groupBy(points, nameOf);
  const wanted = new Set<string>();
  const violations: Violation[] = [];
  for (const row of rows) {
    const expected = expectedPoint(row);
    const there = found.get(nameOf(expected)) ?? [];
    const what = `${named(device, row)}: ${nameOf(expected)}`;
    wanted.add(nameOf(expected));
    if (there.length === 0) violations.push({ breach: "not in history", what });
    else if (there.length > 1) violations.push({ breach: "doubled", what: `${what} in history` });
    else if (!isDeepStrictEqual({ ...there[0]!.fields }, { ...expected.fields }))
      violations.push({ breach: "altered in history", what });
  }
  for (const name of found.keys())
    if (!wanted.has(name)) violations.push({ breach: "only in history", what: `${device}: ${name}` });
  return violations;
}

/** Only measurement, time and fields are compared. */
const NOWHERE = {} as Place;
const expectedPoint = ({ channel, payload }: Kept): Point =>
  pointOf({ channel, reading: JSON.parse(payload) } as ReadingMessage, NOWHERE);
