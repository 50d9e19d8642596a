/** Pages of the audit log, one after another for as long as the reader asks for older ones. */
import { useEffect, useState } from "preact/hooks";
import type { AuditEntryView, AuditReach } from "#protocol/audit.ts";
import { type AuditFilter, getAuditPage } from "./api.ts";

export interface AuditLoad {
  /** Undefined until the first page has come. */
  readonly reach: readonly AuditReach[] | undefined;
  readonly entries: readonly AuditEntryView[];
  /** Null when there are no older ones. */
  readonly next: string | null;
  readonly error: unknown;
  readonly isLoading: boolean;
  readonly more: () => void;
  /** The page that failed, once more. */
  readonly retry: () => void;
}

interface State {
  readonly reach?: readonly AuditReach[];
  readonly entries: readonly AuditEntryView[];
  readonly next: string | null;
  readonly error?: unknown;
}

const nothing: State = { entries: [], next: null };

/** Another filter begins anew. What is shown stays while older entries are on their way. */
export function useAudit(filter: AuditFilter): AuditLoad {
  const [state, setState] = useState<State>(nothing);
  /** Counts up with each page that is asked for. */
  const [asked, setAsked] = useState({ filter, to: null as string | null, times: 0 });
  const [isLoading, setLoading] = useState(true);
  const wanted = asked.filter === filter ? asked : { filter, to: null, times: 0 };

  useEffect(() => {
    const abort = new AbortController();
    const isFirst = wanted.to === null;
    setLoading(true);
    if (isFirst) setState(nothing);
    getAuditPage(filter, wanted.to, abort.signal).then(
      ({ reach, entries, next }) => {
        if (abort.signal.aborted) return;
        setState((old) => ({ reach, entries: isFirst ? entries : [...old.entries, ...entries], next }));
        setLoading(false);
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        setState((old) => ({ ...old, error }));
        setLoading(false);
      },
    );
    return () => abort.abort();
  }, [filter, wanted.to, wanted.times]);

  return {
    reach: state.reach,
    entries: state.entries,
    next: state.next,
    error: state.error,
    isLoading,
    more: () => setAsked({ filter, to: state.next, times: wanted.times + 1 }),
    retry: () => setAsked({ ...wanted, times: wanted.times + 1 }),
  };
}
