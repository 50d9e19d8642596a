import { expect, it } from "vitest";
import type { StatusView } from "#protocol/api.ts";
import type { Snapshot } from "./api.ts";
import { createStore } from "./store.ts";
import { follow, type Source } from "./stream.ts";

const START = 1_790_000_000_000;
const empty: Snapshot = { rooms: [], alerts: [], devices: [], pairs: [] };
const failing: StatusView = {
  history: { state: "flowing", reason: null, behind: 0, oldest: null },
  journal: { state: "failing", reason: "full" },
};

class FakeSource extends EventTarget implements Source {
  readyState = 0;
  close() {
    this.readyState = 2;
  }
  say(type: string, data?: unknown) {
    this.dispatchEvent(data === undefined ? new Event(type) : new MessageEvent(type, { data: JSON.stringify(data) }));
  }
}

function arrange(
  snapshot: () => Promise<Snapshot> = () => Promise.resolve(empty),
  status: () => Promise<StatusView> = () => Promise.resolve(failing),
) {
  const store = createStore(START);
  const sources: FakeSource[] = [];
  const waits: { ms: number; callback: () => void }[] = [];
  const stop = follow(store, {
    open: () => {
      const source = new FakeSource();
      sources.push(source);
      return source;
    },
    snapshot,
    status,
    now: () => START,
    later: (callback, ms) => {
      const wait = { ms, callback };
      waits.push(wait);
      return () => void waits.splice(waits.indexOf(wait), 1);
    },
    random: () => 1,
  });
  return { store, sources, waits, stop };
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

it("takes a snapshot each time the stream opens, also when the browser reconnects by itself", async () => {
  let asked = 0;
  const { store, sources } = arrange(() => {
    asked++;
    return Promise.resolve(empty);
  });
  sources[0]!.say("open");
  await settled();
  expect(store.loaded.value).toBe(true);
  sources[0]!.say("error");
  sources[0]!.say("open");
  await settled();
  expect({ asked, sources: sources.length }).toEqual({ asked: 2, sources: 1 });
});

it("knows why it gets no stream from a gateway that cannot keep anything, and forgets it when nobody answers", async () => {
  let answers = true;
  const { store, sources, waits } = arrange(undefined, () =>
    answers ? Promise.resolve(failing) : Promise.reject(new Error("no answer")),
  );
  await settled();
  expect([store.status.value, store.loaded.value]).toEqual([failing, false]);
  answers = false;
  sources[0]!.readyState = 2;
  sources[0]!.say("error");
  waits[0]!.callback();
  await settled();
  expect(store.status.value).toBeNull();
});

it("lets what the stream says of the gateway win over an answer that comes after it", async () => {
  const well: StatusView = { ...failing, journal: { state: "ok", reason: null } };
  for (const late of [() => Promise.resolve(failing), () => Promise.reject(new Error("no answer"))]) {
    const asked = Promise.withResolvers<void>();
    const { store, sources } = arrange(undefined, () => asked.promise.then(late));
    sources[0]!.say("status", well);
    asked.resolve();
    await settled();
    expect(store.status.value).toEqual(well);
  }
});

it("opens a new source, later and later, when the browser has given up", () => {
  const { sources, waits } = arrange();
  const refuse = () => {
    sources.at(-1)!.close();
    sources.at(-1)!.say("error");
    waits.at(-1)!.callback();
  };
  for (let i = 0; i < 7; i++) refuse();
  expect(waits.map(({ ms }) => ms)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  expect(sources.length).toBe(8);
});

it("begins again when the snapshot cannot be had: without it ended alerts would stay", async () => {
  const { store, sources, waits } = arrange(() => Promise.reject(new Error("503")));
  sources[0]!.say("open");
  await settled();
  expect(sources[0]!.readyState).toBe(2);
  expect(waits.length).toBe(1);
  expect(store.loaded.value).toBe(false);
});

it("ignores a snapshot that a later opening has overtaken", async () => {
  const answers: ((snapshot: Snapshot) => void)[] = [];
  const { store, sources } = arrange(() => new Promise((resolve) => answers.push(resolve)));
  sources[0]!.say("open");
  sources[0]!.say("open");
  answers[0]!(empty);
  await settled();
  expect(store.loaded.value).toBe(false);
  answers[1]!(empty);
  await settled();
  expect(store.loaded.value).toBe(true);
});

it("hands events to the store and stops when told", () => {
  const { store, sources, waits, stop } = arrange();
  sources[0]!.say("heartbeat", { at: "2026-11-20T09:00:00Z" });
  sources[0]!.say("bye", { reason: "shutdown" });
  expect(store.link(START)).toEqual({ kind: "silent", sinceMs: START, farewell: true });
  stop();
  expect({ state: sources[0]!.readyState, waits }).toEqual({ state: 2, waits: [] });
});
