/** Loads something from the gateway while a component is shown; what came before stays until its successor is there. */
import { computed } from "@preact/signals";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ApiError } from "../state/api.ts";
import { nowMs } from "../state/clock.ts";

export interface Loaded<T> {
  readonly value: T | undefined;
  readonly error: unknown;
  readonly retry: () => void;
  /** Takes what something else has answered: it is newer than what is under way. */
  readonly know: (value: T) => void;
}

/** Grows by one each time something is to be loaded anew. */
export function useVersion(refreshMs: number): number {
  return useMemo(() => computed(() => Math.floor(nowMs.value / refreshMs)), [refreshMs]).value;
}

/** `key` names what is loaded: another key drops the value and loads anew; another `version` only loads anew. */
export function useLoad<T>(
  key: string,
  version: number | string,
  load: (signal: AbortSignal) => Promise<T>,
): Loaded<T> {
  const [state, setState] = useState<{ key: string; value?: T; error?: unknown }>({ key });
  const [attempt, setAttempt] = useState(0);
  const underWay = useRef<AbortController | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    underWay.current = abort;
    load(abort.signal).then(
      (value) => !abort.signal.aborted && setState({ key, value }),
      (error) => !abort.signal.aborted && setState((old) => (old.key === key ? { ...old, error } : { key, error })),
    );
    return () => abort.abort();
  }, [key, version, attempt]);
  // A gateway that is busy says when it will be less so; nobody needs to press anything for that.
  const retryAfterMs = state.error instanceof ApiError ? state.error.retryAfterMs : undefined;
  useEffect(() => {
    if (retryAfterMs === undefined) return;
    const timer = setTimeout(() => setAttempt((n) => n + 1), retryAfterMs);
    return () => clearTimeout(timer);
  }, [state]);
  const mine = state.key === key;
  return {
    value: mine ? state.value : undefined,
    error: mine ? state.error : undefined,
    retry: () => setAttempt((n) => n + 1),
    know(value) {
      underWay.current?.abort();
      setState({ key, value });
    },
  };
}
