/** A run's diary against the truth: definitions are in test/README.md. */
import type { Alert } from "#gateway/alerts/alert.ts";
import type { AlertRule } from "#protocol/api.ts";
import type { Interval } from "#protocol/calendar.ts";
import type { Id, Millis, RoomId } from "#protocol/quantities.ts";
import type { Site } from "#protocol/site.ts";
import { degradedTally } from "./degraded.ts";
import { type Diary, pairKey } from "./diary.ts";
import type { House } from "./house.ts";
import {
  MINUTE,
  minutesIn,
  overlap,
  type Pair,
  type PairTruth,
  pairTruth,
  SAME_TALK_MS,
  type Talk,
  talksOf,
} from "./talk.ts";
import {
  addTallies,
  emptyRule,
  emptyTally,
  type LineTally,
  type LinkTally,
  type RuleTally,
  type Tally,
} from "./tally.ts";
import { trialTally } from "./trial.ts";

/** From here on speech must be alerted: −12 dB and 0.84 of the usual 2.5 dB of uncertainty (ACOUSTICS §3.9). */
const MUST_SNR_DB = -9.9;
/** Below this it must not be. */
const MUST_NOT_SNR_DB = -14;
/** Nothing of talk this far down is in what the other microphone hears. */
const INAUDIBLE_SNR_DB = -25;
/** Only stretches of audible talk longer than this are owed an alert. */
const OWED_MS = 10 * MINUTE;
const OWED_CONVERSATION_MS = 2 * MINUTE;
/** A device that was away needs a little to be believed again. */
const RECOVERY_MS = 5 * MINUTE;
/** A conversation that begins so soon after an alert continues it (ACOUSTICS §9.3 A1), to the end of the talk and a little. */
const CONTINUED_MS = 5 * MINUTE;
/** What a link rests on: the windows of the last minutes. */
const LINK_MEMORY_MS = 3 * MINUTE;

export function score(house: House, diary: Diary): Tally {
  const { site, from, until, truth, months } = house;
  const talks = talksOf(truth.timetable, from, until);
  const pairs = pairsOf(site).map(
    ([one, other]): Pair => ({
      from: one,
      to: other,
      truth: pairTruth(truth, one, other),
      talks: talks.get(one) ?? [],
    }),
  );
  const troubles = troublesOf(house);
  const overheard = new Map(
    pairs.map((pair) => [pairKey(pair.from, pair.to), overheardTally(pair, diary, troubles, months)]),
  );
  return {
    ...emptyTally,
    rules: {
      "conversation-in-shared-office": sumOf(
        site.rooms
          .filter(({ kind, assigned }) => kind === "shared-office" && assigned > 1)
          .map(({ id }) => officeTally(id, talks.get(id) ?? [], diary, troubles, months)),
        emptyRule,
      ),
      overheard: sumOf([...overheard.values()], emptyRule),
      "privacy-degraded": sumOf(
        pairs.map((pair) => degradedTally(pair, truth, diary, months)),
        emptyRule,
      ),
    },
    link: sumOf(
      pairs.map((pair) => linkTally(pair, diary, months)),
      emptyTally.link,
    ),
    ld: pairs.flatMap((pair) => ldErrors(pair, house, diary)),
    sii5: pairs.flatMap((pair) => sii5Errors(pair, diary)),
    lines: Object.fromEntries(
      house.lines.map(({ name, pairs: own }) => [
        name,
        own
          .map((key) =>
            lineTally(pairs.find((pair) => pairKey(pair.from, pair.to) === key)!, diary, overheard.get(key)!, months),
          )
          .reduce(addTallies),
      ]),
    ),
    faults: Object.fromEntries(house.trials.map((trial) => [trial.name, trialTally(trial, pairs, diary)])),
  };
}

const sumOf = <T>(tallies: readonly T[], none: T): T => tallies.reduce(addTallies, none);

/** Both directions of every boundary, each pair once, none of a silent room. */
export function pairsOf({ boundaries, rooms }: Site): [RoomId, RoomId][] {
  const silent = new Set(rooms.filter(({ assigned }) => assigned === 1).map(({ id }) => id));
  const both = boundaries.flatMap(({ between: [one, other] }) => [`${one} ${other}`, `${other} ${one}`]);
  return [...new Set(both)]
    .map((pair) => pair.split(" ") as [RoomId, RoomId])
    .filter((pair) => !pair.some((room) => silent.has(room)));
}

/** When which room's device was not itself. */
type Troubles = ReadonlyMap<RoomId, readonly Interval[]>;

function troublesOf({ site, faults, from }: House): Troubles {
  const troubles = new Map<RoomId, Interval[]>(site.rooms.map(({ id }) => [id, []]));
  const roomOf = new Map<Id, RoomId>(site.devices.map(({ id, room }) => [id, room]));
  for (const fault of faults) {
    const interval = { from: from + fault.from, until: from + fault.until + RECOVERY_MS };
    for (const room of fault.device ? [roomOf.get(fault.device)!] : troubles.keys()) troubles.get(room)!.push(interval);
  }
  return troubles;
}

const isHealthy = (troubles: Troubles, rooms: readonly RoomId[], interval: Interval): boolean =>
  !rooms.some((room) => troubles.get(room)!.some((trouble) => overlap(trouble, interval)));

const fired = (diary: Diary, rule: AlertRule): Alert[] => diary.alerts.filter((alert) => alert.rule === rule);

/** While it fired. */
const firing = ({ firedAt, resolvedAt }: Alert): Interval => ({ from: firedAt!, until: resolvedAt ?? Infinity });

/** What of `due` was told, and how late. What follows soon on an alert continues what that has told, and has no delay. */
function answered(due: readonly Interval[], alerts: readonly Alert[]): Answers {
  const missed: Interval[] = [];
  const delays: number[] = [];
  for (const interval of due) {
    const alert = alerts.find((one) => overlap(firing(one), interval));
    const continues = alerts.some(
      ({ resolvedAt }) => resolvedAt! <= interval.from && interval.from < resolvedAt! + CONTINUED_MS,
    );
    if (alert && (alert.firedAt! <= interval.from || !continues))
      delays.push(Math.max(0, alert.firedAt! - interval.from) / 1000);
    else if (!continues) missed.push(interval);
  }
  return { due: due.length, found: due.length - missed.length, delays, missed };
}

interface Answers extends Pick<RuleTally, "due" | "found" | "delays"> {
  readonly missed: readonly Interval[];
}

/** What is to be looked into, in words: `where` and when. */
const casesOf = (
  where: string,
  missed: readonly Interval[],
  falseOnes: readonly Alert[],
): Pick<RuleTally, "missedCases" | "falseCases"> => ({
  missedCases: missed.map(({ from, until }) => `${where} ${timeOf(from)}–${timeOf(until)}`),
  falseCases: falseOnes.map(
    ({ startedAt, firedAt }) => `${where} since ${timeOf(startedAt)}, fired ${timeOf(firedAt!)}`,
  ),
});

const timeOf = (t: Millis): string => new Date(t).toISOString().slice(5, 19);

function officeTally(
  room: RoomId,
  talks: readonly Talk[],
  diary: Diary,
  troubles: Troubles,
  months: number,
): RuleTally {
  const alerts = fired(diary, "conversation-in-shared-office").filter((alert) => alert.room === room);
  const due = talks.filter(
    (talk) => talk.until - talk.from >= OWED_CONVERSATION_MS && isHealthy(troubles, [room], talk),
  );
  const behind = ({ startedAt, firedAt }: Alert) => ({ from: startedAt - SAME_TALK_MS, until: firedAt! });
  const falseOnes = alerts.filter((alert) => !talks.some((talk) => overlap(talk, behind(alert))));
  const { missed, ...told } = answered(due, alerts);
  return { ...told, fired: alerts.length, falseOnes: falseOnes.length, months, ...casesOf(room, missed, falseOnes) };
}

function overheardTally(pair: Pair, diary: Diary, troubles: Troubles, months: number): RuleTally {
  const alerts = overheardOf(pair, diary);
  const due = pair.talks
    .flatMap((talk) => stretches(pair.truth, talk))
    .filter((stretch) => isHealthy(troubles, [pair.from, pair.to], stretch));
  const falseOnes = alerts.filter((alert) => {
    const { startedAt, resolvedAt } = alert;
    const alerted = { from: startedAt - SAME_TALK_MS, until: resolvedAt ?? Infinity };
    const behind = pair.talks.filter((talk) => overlap(talk, alerted));
    return !behind.some((talk) => pair.truth.greatestSnr(talk) >= MUST_NOT_SNR_DB);
  });
  const { missed, ...told } = answered(due, alerts);
  const cases = casesOf(pairKey(pair.from, pair.to), missed, falseOnes);
  return { ...told, fired: alerts.length, falseOnes: falseOnes.length, months, ...cases };
}

const overheardOf = ({ from, to }: Pair, diary: Diary): Alert[] =>
  fired(diary, "overheard").filter(({ pair }) => pair![0] === from && pair![1] === to);

/** Stretches of a talk, longer than ten minutes, in which it is plainly understood; a minute below or silent is let pass. */
function stretches(truth: PairTruth, talk: Talk): Interval[] {
  const found: Interval[] = [];
  for (const t of minutesIn(talk)) {
    if ((truth.minute(t)?.snrUni ?? Number.NEGATIVE_INFINITY) < MUST_SNR_DB) continue;
    const last = found.at(-1);
    if (last && t <= last.until + MINUTE) found[found.length - 1] = { from: last.from, until: t + MINUTE };
    else found.push({ from: t, until: t + MINUTE });
  }
  return found
    .map(({ from, until }) => ({ from: Math.max(from, talk.from), until: Math.min(until, talk.until) }))
    .filter(({ from, until }) => until - from > OWED_MS);
}

/** Beginnings of a link, and whether they were true. */
function linkTally(pair: Pair, diary: Diary, months: number): LinkTally {
  const inaudible = (interval: Interval) => pair.truth.greatestSnr(interval) < INAUDIBLE_SNR_DB;
  const hours = pair.talks.filter(inaudible).reduce((sum, { from, until }) => sum + (until - from) / 3_600_000, 0);
  const falseOnes = linksBegun(pair, diary).filter((at) => inaudible({ from: at - LINK_MEMORY_MS, until: at }));
  const falseCases = falseOnes.map((at) => `${pairKey(pair.from, pair.to)} ${timeOf(at)}`);
  return { falseOnes: falseOnes.length, months, hours, falseCases };
}

function linksBegun({ from, to }: Pair, diary: Diary): Millis[] {
  const situations = diary.situations.get(pairKey(from, to)) ?? [];
  return situations.flatMap(({ link, at }, i) => (link === true && situations[i - 1]?.link !== true ? [at] : []));
}

/** Accepted octaves of each day on which no door stood otherwise than at first while somebody talked. */
function ldErrors({ from, to, talks }: Pair, { truth }: House, diary: Diary): number[] {
  return (diary.days.get(pairKey(from, to)) ?? []).flatMap(({ day, ld }, i, days) => {
    const next = days[i + 1]?.day ?? Number.POSITIVE_INFINITY;
    const times = talks.filter((talk) => talk.from >= day && talk.from < next).flatMap(minutesIn);
    const truths = times.map((t) => truth.levelDifference(from, to, t));
    const [first] = truths;
    if (!first || truths.some((other) => other.some((value, k) => Math.abs(value - first[k]!) > 0.1))) return [];
    return ld.flatMap((value, k) => (value === null ? [] : [Math.abs(value - first[k]!)]));
  });
}

/** Minutes in which the level difference was known and the talk was judged. */
function sii5Errors({ from, to, truth }: Pair, diary: Diary): number[] {
  return (diary.minutes.get(pairKey(from, to)) ?? []).flatMap(({ t, isLearned, situation: { audibility } }) => {
    const true_ = truth.minute(t);
    return isLearned && audibility && true_ ? [audibility.sii5 - true_.sii5] : [];
  });
}

function lineTally(pair: Pair, diary: Diary, rule: RuleTally, months: number): LineTally {
  const alerts = overheardOf(pair, diary);
  const known = diary.learnedAt.get(pairKey(pair.from, pair.to)) ?? Number.POSITIVE_INFINITY;
  const due = pair.talks.flatMap((talk) => stretches(pair.truth, talk)).filter(({ from }) => from >= known);
  const { due: dueLearned, found } = answered(due, alerts);
  return { ...rule, learned: { due: dueLearned, found }, falseLinks: linkTally(pair, diary, months).falseOnes };
}
