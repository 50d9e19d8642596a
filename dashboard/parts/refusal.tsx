/** Why what was asked for was not done, in words for whoever asked. Takes the focus, so that it is read out where one is. */
import { useEffect, useRef } from "preact/hooks";
import { ApiError } from "../state/api.ts";
import { text } from "../texts/texts.ts";
import { Icon } from "./icon.tsx";

export function refusalText(error: unknown): string {
  const words = text.value.signIn;
  if (!(error instanceof ApiError) || error.status === 0) return text.value.noAnswer;
  if (error.kind === "too-many-attempts") return words.wait(Math.ceil((error.retryAfterMs ?? 1000) / 1000));
  if (error.status === 429) return words.wait(Math.ceil((error.retryAfterMs ?? 1000) / 1000));
  const known: Readonly<Record<string, string>> = { ...words.refusal, ...text.value.changes.refusal };
  return known[error.kind] ?? text.value.failedText(error.message);
}

export function Refusal({ error }: { error: unknown }) {
  const here = useRef<HTMLDivElement>(null);
  useEffect(() => {
    here.current?.focus();
  }, [error]);
  return (
    <div class="inconclusive refusal" role="alert" tabIndex={-1} ref={here}>
      <Icon name="error" />
      <span>{refusalText(error)}</span>
    </div>
  );
}
