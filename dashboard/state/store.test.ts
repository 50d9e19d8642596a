import { describe, expect, it } from "vitest";
import type { AlertView, DeviceView, PairView, RoomView } from "#protocol/api.ts";
import { createStore, SILENCE_LIMIT_MS } from "./store.ts";
import { alertView, pairView, roomView, START } from "./views.fixture.ts";

const iso = (ms: number) => new Date(ms).toISOString();

const room = (id: string, conversation: RoomView["conversation"]) => roomView(id, { conversation });
const pair = (from: string, to: string, state: PairView["state"]) => pairView(from, to, { state });

const alert = (id: string, state: AlertView["state"], firedMs: number | null, resolvedMs?: number) =>
  alertView(id, {
    state,
    firedAt: firedMs === null ? null : iso(firedMs),
    resolvedAt: resolvedMs === undefined ? null : iso(resolvedMs),
  });

const snapshot = (rooms: RoomView[], alerts: AlertView[] = [], devices: DeviceView[] = [], pairs: PairView[] = []) => ({
  rooms,
  alerts,
  devices,
  pairs,
});

describe("the store", () => {
  it("takes the snapshot's word for everything, and drops what the snapshot does not know", () => {
    const store = createStore(START);
    store.begin(START);
    store.replace(snapshot([room("K1", "off"), room("K2", "on")]));
    store.begin(START + 1000);
    store.replace(snapshot([room("K1", "on")]));
    expect([...store.rooms.value.values()]).toEqual([room("K1", "on")]);
  });

  it("lets what the stream said since the opening win over a snapshot that was asked for before it", () => {
    const store = createStore(START);
    store.begin(START);
    store.tell("room", room("K1", "on"), START + 10);
    store.tell("alert", alert("a", "resolved", START, START + 5), START + 11);
    store.replace(snapshot([room("K1", "off"), room("K2", "off")], [alert("a", "firing", START)]));
    expect(store.rooms.value.get("K1")?.conversation).toBe("on");
    expect(store.rooms.value.get("K2")?.conversation).toBe("off");
    expect(store.openAlerts.value).toEqual([]);
  });

  it("shows of a room that is not told its door sign, and of one that is told all of it", () => {
    const store = createStore(START);
    const sign = { id: "S1", name: { da: "S1", en: "S1" }, state: "free", readiness: "private" } as const;
    store.begin(START);
    store.tell("free-room", sign, START + 10);
    const free = roomView("S1", { kind: "conversation-room", free: true });
    expect(store.rooms.value.get("S1")).toEqual(free);
    store.replace(snapshot([]));
    expect([...store.rooms.value.values()]).toEqual([free]);
    const known = { ...free, since: iso(START) };
    store.tell("room", known, START + 20);
    store.tell("free-room", sign, START + 20);
    expect(store.rooms.value.get("S1")).toEqual(known);
  });

  it("keeps the two ways of a pair apart, and each as the stream last told it", () => {
    const store = createStore(START);
    store.begin(START);
    store.tell("pair", pair("K1", "G1", "overheard"), START + 10);
    store.replace(snapshot([], [], [], [pair("K1", "G1", "private"), pair("G1", "K1", "private")]));
    expect([...store.pairs.value.values()]).toEqual([pair("K1", "G1", "overheard"), pair("G1", "K1", "private")]);
  });

  it("forgets at the next opening which things the stream spoke of, so that an alert that ended meanwhile goes", () => {
    const store = createStore(START);
    store.begin(START);
    store.tell("alert", alert("a", "firing", START), START);
    store.begin(START + 60_000);
    store.replace(snapshot([]));
    expect(store.openAlerts.value).toEqual([]);
  });

  it("lists open alerts newest first and leaves out those that only wait", () => {
    const store = createStore(START);
    store.replace(
      snapshot(
        [],
        [alert("old", "acknowledged", START), alert("new", "firing", START + 1000), alert("wait", "pending", null)],
      ),
    );
    expect(store.openAlerts.value.map(({ id }) => id)).toEqual(["new", "old"]);
  });

  it("lists as recent what fired and ended within a day", () => {
    const store = createStore(START);
    const day = 86_400_000;
    store.replace(
      snapshot(
        [],
        [
          alert("yesterday", "resolved", START - 2 * day, START - day - 1),
          alert("early", "resolved", START - 9000, START - 8000),
          alert("late", "resolved", START - 5000, START - 2000),
          alert("never fired", "resolved", null, START - 1000),
          alert("open", "firing", START),
        ],
      ),
    );
    expect(store.recentAlerts(START).map(({ id }) => id)).toEqual(["late", "early"]);
  });

  it("keeps a bounded number of ended alerts", () => {
    const store = createStore(START);
    for (let i = 0; i < 500; i++) store.tell("alert", alert(`a${i}`, "resolved", START + i, START + i), START + i);
    expect(store.alerts.value.size).toBe(200);
    expect(store.alerts.value.has("a499")).toBe(true);
  });
});

describe("the link", () => {
  it("is connecting until the first snapshot, then live as long as something is heard", () => {
    const store = createStore(START);
    expect(store.link(START)).toEqual({ kind: "connecting" });
    store.begin(START + 100);
    expect(store.link(START + 100)).toEqual({ kind: "connecting" });
    store.replace(snapshot([]));
    expect(store.link(START + 100)).toEqual({ kind: "live" });
    store.tell("heartbeat", { at: iso(START) }, START + 15_000);
    expect(store.link(START + 15_000 + SILENCE_LIMIT_MS)).toEqual({ kind: "live" });
  });

  it("is silent after 20 s of silence, counted from the last thing heard", () => {
    const store = createStore(START);
    store.begin(START);
    store.replace(snapshot([]));
    expect(store.link(START + SILENCE_LIMIT_MS + 1)).toEqual({ kind: "silent", sinceMs: START, farewell: false });
  });

  it("is silent at once after a farewell, until the next opening says what has become of what is shown", () => {
    const store = createStore(START);
    store.begin(START);
    store.replace(snapshot([], [alert("a", "firing", START)]));
    store.tell("bye", { reason: "shutdown" }, START + 5);
    const silent = { kind: "silent", sinceMs: START + 5, farewell: true };
    expect(store.link(START + 6)).toEqual(silent);
    store.begin(START + 3000);
    store.tell("room", room("K1", "off"), START + 3001);
    expect([store.link(START + 3001), store.openAlerts.value.length]).toEqual([silent, 1]);
    store.replace(snapshot([]));
    expect([store.link(START + 3002), store.openAlerts.value.length]).toEqual([{ kind: "live" }, 0]);
  });

  it("goes on being silent when the opening that followed came to nothing", () => {
    const store = createStore(START);
    store.begin(START);
    store.replace(snapshot([]));
    store.begin(START + 60_000);
    store.begin(START + 61_000);
    expect(store.link(START + 61_000)).toEqual({ kind: "silent", sinceMs: START, farewell: false });
    store.replace(snapshot([]));
    expect(store.link(START + 61_000)).toEqual({ kind: "live" });
  });

  it("goes on being live when a stream follows another within the limit", () => {
    const store = createStore(START);
    store.begin(START);
    store.replace(snapshot([]));
    store.begin(START + SILENCE_LIMIT_MS);
    expect(store.link(START + SILENCE_LIMIT_MS)).toEqual({ kind: "live" });
  });

  it("goes on being live when a stream ends for who reads it, and not for the gateway", () => {
    const store = createStore(START);
    store.begin(START);
    store.replace(snapshot([]));
    for (const reason of ["session", "behind"] as const) {
      store.tell("bye", { reason }, START + 5);
      expect(store.link(START + 6)).toEqual({ kind: "live" });
    }
  });

  it("is silent when nothing was ever heard", () => {
    const store = createStore(START);
    expect(store.link(START + 21_000)).toEqual({ kind: "silent", sinceMs: START, farewell: false });
  });

  it("tells those who subscribe, until they undo it", () => {
    const store = createStore(START);
    const seen: number[] = [];
    const undo = store.rooms.subscribe((rooms) => void seen.push(rooms.size));
    store.tell("room", room("K1", "on"), START);
    undo();
    store.tell("room", room("K2", "on"), START);
    expect(seen).toEqual([0, 1]);
  });
});
