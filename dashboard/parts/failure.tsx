/** Why something could not be shown, and a way to try again. */
import { ApiError } from "../state/api.ts";
import { text } from "../texts/texts.ts";

const explain = (error: unknown) =>
  error instanceof ApiError && error.status > 0 ? text.value.failedText(error.message) : text.value.noAnswer;

export function Failure({ error, retry }: { error: unknown; retry: () => void }) {
  const words = text.value;
  return (
    <div class="alert alert-warning" role="alert">
      <p class="alert-heading">{words.failed}</p>
      <p class="alert-text">{explain(error)}</p>
      <button type="button" class="button button-secondary" onClick={retry}>
        {words.retry}
      </button>
    </div>
  );
}
