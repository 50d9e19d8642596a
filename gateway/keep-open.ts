/** A gateway that is closed and opened again where it stands, so that other settings come into force without anybody's hand. */
import type { Clock } from "./clock.ts";
import type { Config } from "./config.ts";
import type { Gateway } from "./gateway.ts";

const TRY_AGAIN_MS = 5000;

/** Opens one; `onInForce` is to be called when it is to be opened again. */
type Open = (config: Config, onInForce: () => void) => Promise<Gateway>;

/** The first opening's fault is the caller's; later ones are tried again until disposed, on the same ports. */
export async function keepOpen(open: Open, config: Config, clock: Clock): Promise<Gateway> {
  const stop = new AbortController();
  let working: Promise<void> = Promise.resolve();
  let isOpen = true;
  const again = (): void => {
    working = working.then(reopen);
  };
  let current = await open(config, again);
  const settled = onPortsOf(config, current);

  async function reopen(): Promise<void> {
    if (stop.signal.aborted) return;
    isOpen = false;
    await current[Symbol.asyncDispose]();
    while (!(isOpen || stop.signal.aborted)) {
      try {
        current = await open(settled, again);
        isOpen = true;
      } catch (error) {
        process.stderr.write(`gateway: not open, trying again: ${(error as Error).message}\n`);
        await clock.wait(TRY_AGAIN_MS, stop.signal).catch(() => {});
      }
    }
  }

  return {
    get url() {
      return current.url;
    },
    get origin() {
      return current.origin;
    },
    get broker() {
      return current.broker;
    },
    get pipeline() {
      return current.pipeline;
    },
    get config() {
      return current.config;
    },
    get devices() {
      return current.devices;
    },
    get access() {
      return current.access;
    },
    get changes() {
      return current.changes;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await working;
      if (isOpen) await current[Symbol.asyncDispose]();
      isOpen = false;
    },
  };
}

/** Devices and browsers come back to where they were. */
function onPortsOf(config: Config, { url, broker }: Gateway): Config {
  const http = { ...config.http, port: Number(new URL(url).port || config.http.port) };
  const mqtt = config.broker === "" ? { ...config.mqtt, port: Number(new URL(broker).port) } : config.mqtt;
  return { ...config, http, mqtt };
}
