/** Something the gateway is asked to do: whether it is under way, and why it was not done. */
import { useState } from "preact/hooks";

export interface Doing {
  readonly busy: boolean;
  readonly error: unknown;
  /** Runs one at a time. Resolves with what came of it; undefined where it was not done. */
  run<T>(what: () => Promise<T>): Promise<T | undefined>;
}

export function useDoing(): Doing {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(undefined);
  return {
    busy,
    error,
    async run(what) {
      if (busy) return undefined;
      setBusy(true);
      setError(undefined);
      try {
        return await what();
      } catch (failure) {
        setError(failure);
        return undefined;
      } finally {
        setBusy(false);
      }
    },
  };
}
