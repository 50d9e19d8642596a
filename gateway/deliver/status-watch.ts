/** Tells when the gateway's own status has changed: states when their owners say so, figures when they are looked at. */
import type { StatusView } from "#protocol/api.ts";
import type { Clock } from "../clock.ts";

export const LOOK_EVERY_MS = 2000;

export interface StatusWatch extends AsyncDisposable {
  /** Looks at once, when something is known to have changed. */
  look(): void;
}

export function startStatusWatch(
  clock: Clock,
  status: () => StatusView,
  tell: (status: StatusView) => void,
): StatusWatch {
  let told = JSON.stringify(newsIn(status()));
  const look = () => {
    const now = status();
    const news = JSON.stringify(newsIn(now));
    if (news === told) return;
    told = news;
    tell(now);
  };
  const stop = new AbortController();
  const watch = async () => {
    for (;;) {
      await clock.wait(LOOK_EVERY_MS, stop.signal);
      look();
    }
  };
  watch().catch(() => {}); // ends by the signal only
  return {
    look,
    async [Symbol.asyncDispose]() {
      stop.abort();
    },
  };
}

/** While readings flow, how many are on their way is no news. */
const newsIn = ({ history, journal }: StatusView) => [history.state === "flowing" ? history.state : history, journal];
