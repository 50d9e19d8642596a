/** Keeps the store in step with the gateway's event stream: opens it, takes a snapshot at each opening, opens it again. */
import type { StatusView, StreamEvent } from "#protocol/api.ts";
import type { Snapshot } from "./api.ts";
import type { Store } from "./store.ts";

/** What is used of the browser's `EventSource`. */
export interface Source extends EventTarget {
  readonly readyState: number;
  close(): void;
}
const CLOSED = 2;
const events: readonly StreamEvent[] = ["room", "free-room", "alert", "device", "pair", "status", "heartbeat", "bye"];

/** Waits before an opening that the browser gave up on: doubling from 1 s to 30 s. */
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;

export interface StreamPorts {
  readonly open: () => Source;
  readonly snapshot: () => Promise<Snapshot>;
  /** Asked beside each attempt to open a stream: it may be the reason that there is none. */
  readonly status: () => Promise<StatusView>;
  readonly now: () => number;
  /** Calls back once after a delay, ms; returns its undo. */
  readonly later: (callback: () => void, ms: number) => () => void;
  /** 0 to 1, spreads the reconnects of many pages. */
  readonly random: () => number;
}

/** Returns its undo. The browser reconnects by itself after a dropped connection; an HTTP error ends its source. */
export function follow(store: Store, ports: StreamPorts): () => void {
  let failures = 0;
  let undo = () => {};

  const retry = () => {
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures++);
    undo = ports.later(start, wait * (0.5 + ports.random() / 2));
  };

  const start = () => {
    const source = ports.open();
    /** What the stream says of it is newer, and nobody says it again. */
    let isStatusTold = false;
    const learnStatus = (status: StatusView | null) => {
      if (!isStatusTold) store.status.value = status;
    };
    ports.status().then(learnStatus, () => learnStatus(null));
    source.addEventListener("status", () => {
      isStatusTold = true;
    });
    let opening = 0;
    undo = () => source.close();
    const again = () => {
      source.close();
      opening++;
      retry();
    };
    source.addEventListener("open", () => {
      const mine = ++opening;
      store.begin(ports.now());
      ports.snapshot().then(
        (snapshot) => {
          if (mine !== opening) return;
          failures = 0;
          store.replace(snapshot);
        },
        // Without a snapshot the page would show alerts that ended while it was away.
        () => mine === opening && again(),
      );
    });
    source.addEventListener("error", () => {
      if (source.readyState === CLOSED) again();
    });
    for (const event of events)
      source.addEventListener(event, (message) => {
        store.tell(event, JSON.parse((message as MessageEvent<string>).data), ports.now());
      });
  };

  start();
  return () => undo();
}
