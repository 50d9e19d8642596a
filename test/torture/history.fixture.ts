/** A run of two lives in which nothing went wrong: for tests that break one thing of it. */
import type { Transition } from "#gateway/alerts/alert.ts";
import { fire, pend, resolve } from "#gateway/alerts/lifecycle.ts";
import { whyNotify } from "#gateway/alerts/why-notify.ts";
import { type Place, pointOf, type ReadingMessage } from "#gateway/history/points.ts";
import type { SequencedChannel } from "#protocol/readings.ts";
import { fiveMinutes, quietLevel, roomState, wellness } from "#test/journeys/speaker.ts";
import type { DeviceHistory, Kept, RunHistory, Said } from "./run-history.ts";

export const START = Date.UTC(2026, 2, 2, 9);
export const BOOT = "0a1b2c3d";
const SECOND = 1000;
const CHANNEL = "team-lead";

/** The gateway was killed after the third second and began to listen again in the fourth. */
const lives = [
  { startedAt: START - SECOND, endedAt: START + 3.5 * SECOND },
  { startedAt: START + 4 * SECOND, endedAt: START + 60 * SECOND },
];

function bodyOf(channel: SequencedChannel, t: number) {
  if (channel === "state") return roomState("on", t);
  return { level: quietLevel, stats: fiveMinutes, health: wellness }[channel];
}

/** A reading a second; those of the fourth second and after are sent over the second connection. */
function said(channels: readonly SequencedChannel[]): Said[] {
  return channels.map((channel, seq) => {
    const t = START + seq * SECOND;
    return {
      boot: BOOT,
      seq,
      channel,
      t,
      payload: JSON.stringify({ boot: BOOT, seq, t, ...bodyOf(channel, t) }),
      sends: [{ link: seq < 4 ? 0 : 1, order: seq }],
      pubackAt: t + 20,
      receiptAt: t + 500,
    };
  });
}

const device = (name: string, silent: boolean, channels: readonly SequencedChannel[]): DeviceHistory => ({
  device: name,
  silent,
  said: said(channels),
  links: [START - 100, START + 4 * SECOND - 200],
  strayReceipts: [],
});

const devices = [
  device("k1", false, ["state", "level", "level", "level", "stats", "health", "level"]),
  device("e1", true, ["state", "level", "health"]),
];

const kept: readonly Kept[] = devices
  .flatMap(({ device, silent, said }) =>
    said
      .filter(({ channel }) => !silent || channel === "health")
      .map(({ sends: _, pubackAt, receiptAt: __, t: ___, ...one }) => ({ ...one, device, receivedAt: pubackAt! - 10 })),
  )
  .map((row, i) => ({ id: i + 1, ...row }));

const pointFor = ({ device, channel, payload }: Kept) => {
  const place: Place = { site: "house", room: device.toUpperCase(), device };
  return pointOf({ channel, reading: JSON.parse(payload) } as ReadingMessage, place);
};

const pending = pend("K1", START, "warning");
const firing = fire(pending.alert, "critical", START + 30 * SECOND);
const resolved = resolve(firing.alert, "conversation-ended", START + 40 * SECOND);
const transitions: readonly Transition[] = [pending, firing, resolved];
const tell = ({ to, at, alert }: Transition) => ({
  key: `${alert.id}:${to}:${CHANNEL}`,
  body: JSON.stringify({ type: `alert.${to}`, at }),
});
const told = [firing, resolved].map((transition) => ({ ...tell(transition), at: transition.at + 50 }));

export const sound: RunHistory = {
  broker: "embedded",
  devices,
  lives,
  kept,
  received: devices.map(({ device, said }) => ({ device, boot: BOOT, runs: [[0, said.length - 1]] })),
  points: kept.map(pointFor),
  alerts: [resolved.alert],
  transitions,
  expected: transitions.map((transition) => ({ transition, notify: whyNotify(transition) })),
  channel: CHANNEL,
  deliveries: told.map(({ key, body }) => ({ key, body, outcome: "done" })),
  notified: told,
};
