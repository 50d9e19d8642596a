/** Whether every alert had one life, and the one that a gateway without kills gives it. Pure. */
import { isDeepStrictEqual } from "node:util";
import type { Alert, Transition } from "#gateway/alerts/alert.ts";
import type { AlertState } from "#protocol/api.ts";
import type { Millis } from "#protocol/quantities.ts";
import type { Breach, RunHistory, Violation } from "./run-history.ts";

type Alerts = Pick<RunHistory, "alerts" | "transitions" | "expected">;

/**
 * The clock may pass a reading that is on its way to the disk, so that what falls due by time is decided first. Two
 * decisions that lie no further apart are the same.
 */
export const CLOSE_MS = 2000;

export function checkAlerts({ alerts, transitions, expected }: Alerts): Violation[] {
  const lives = Map.groupBy(transitions, ({ alert }) => alert.id);
  const names = new Set(alerts.map(({ id }) => id));
  const orphans = [...lives.keys()].filter((id) => !names.has(id));
  return [
    ...orphans.map((id): Violation => ({ breach: "illegal transition", what: `${id}: transitions, and no alert` })),
    ...alerts.flatMap((alert) => checkLife(alert, lives.get(alert.id) ?? [])),
    ...checkNames(alerts),
    ...checkDecisions(
      lives,
      Map.groupBy(
        expected.map(({ transition }) => transition),
        ({ alert }) => alert.id,
      ),
    ),
  ];
}

const mayFollow: Readonly<Record<AlertState | "nothing", readonly AlertState[]>> = {
  nothing: ["pending"],
  pending: ["firing", "resolved"],
  firing: ["acknowledged", "resolved"],
  acknowledged: ["resolved"],
  resolved: [],
};

function checkLife(alert: Alert, life: readonly Transition[]): Violation[] {
  const illegal = (what: string): Violation[] => [{ breach: "illegal transition", what: `${alert.id}: ${what}` }];
  let before: AlertState | "nothing" = "nothing";
  let at = Number.NEGATIVE_INFINITY;
  for (const step of life) {
    if (!mayFollow[before].includes(step.to)) return illegal(`${step.to} after ${before}`);
    if (step.at < at) return illegal(`${step.to} is dated before ${before}`);
    if (step.alert.state !== step.to) return illegal(`${step.to} leaves it ${step.alert.state}`);
    before = step.to;
    at = step.at;
  }
  if (before !== "resolved") return illegal(`is left ${before}`);
  return isDeepStrictEqual(life.at(-1)!.alert, alert) ? [] : illegal("is not as its last transition left it");
}

/** An alert is named by rule, place and start. */
function checkNames(alerts: readonly Alert[]): Violation[] {
  const named = Map.groupBy(alerts, ({ rule, room, pair, startedAt }) => `${rule} ${pair ?? room} ${startedAt}`);
  return [...named]
    .filter(([, same]) => same.length > 1)
    .map(([name, same]) => ({ breach: "two alerts", what: `${name}: ${same.map(({ id }) => id).join(", ")}` }));
}

type Lives = ReadonlyMap<string, readonly Transition[]>;

/**
 * Room by room and pair by pair, in order of start. Whether one alert fired decides how long the next waits (A1), so that
 * after one that was close nothing is known of those that follow.
 */
function checkDecisions(lives: Lives, expected: Lives): Violation[] {
  const ids = [...new Set([...lives.keys(), ...expected.keys()])];
  const alertOf = (id: string) => (lives.get(id) ?? expected.get(id))![0]!.alert;
  const places = Map.groupBy(
    ids.toSorted((a, b) => alertOf(a).startedAt - alertOf(b).startedAt),
    (id) => `${alertOf(id).rule} ${alertOf(id).pair ?? alertOf(id).room}`,
  );
  return [...places.values()].flatMap((inOrder) => {
    const violations: Violation[] = [];
    for (const id of inOrder) {
      const [actual, due] = [lives.get(id) ?? [], expected.get(id) ?? []];
      if (!agree(actual, due)) {
        const what = `${id}: ${told(actual)}; without kills ${told(due)}`;
        violations.push({ breach: breachOf(actual.length - due.length), what });
      } else if (actual.length !== due.length) break;
    }
    return violations;
  });
}

const breachOf = (more: number): Breach =>
  more < 0 ? "lost transition" : more > 0 ? "invented transition" : "altered transition";

const told = (life: readonly Transition[]): string =>
  life.length === 0 ? "nothing" : life.map(({ to, at }) => `${to} ${at}`).join(", ");

/** The same steps at the same times; or it fired so close to its end that the end may have been decided first. */
function agree(actual: readonly Transition[], due: readonly Transition[]): boolean {
  if (actual.length === due.length)
    return actual.every(({ to, at }, i) => to === due[i]!.to && isClose(at, due[i]!.at));
  const [longer, shorter] = actual.length > due.length ? [actual, due] : [due, actual];
  const steps = [longer, shorter].map((life) => life.map(({ to }) => to).join(" "));
  return (
    isDeepStrictEqual(steps, ["pending firing resolved", "pending resolved"]) && isClose(longer[1]!.at, longer[2]!.at)
  );
}

const isClose = (a: Millis, b: Millis): boolean => Math.abs(a - b) <= CLOSE_MS;
