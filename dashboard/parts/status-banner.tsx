/** Says that readings are kept on the gateway because the database is away, or, stronger, that they cannot be kept. */
import type { StatusView } from "#protocol/api.ts";
import { store } from "../state/app.ts";
import { number } from "../texts/format.ts";
import { text } from "../texts/texts.ts";
import { Icon, type IconName } from "./icon.tsx";
import { Since } from "./since.tsx";

type Trouble = "failing" | "held" | "waiting";

/** What matters most: readings that are not kept at all come before those that wait. */
function troubleOf({ journal, history }: StatusView): Trouble | null {
  if (journal.state === "failing") return "failing";
  return history.state === "flowing" ? null : history.state;
}

const icon: Readonly<Record<Trouble, IconName>> = { failing: "error", held: "warning", waiting: "info" };

function Kept({ behind, oldest }: StatusView["history"]) {
  const words = text.value;
  return (
    <>
      <p>{words.status.kept(behind, number(behind, words.locale))}</p>
      {oldest !== null && (
        <p class="small-text">
          <Since instant={oldest} say={words.status.oldest} />
        </p>
      )}
    </>
  );
}

function reasonOf(trouble: Trouble, { journal, history }: StatusView): string {
  const words = text.value.status;
  if (trouble === "failing") return words.journalReason[journal.reason ?? "other"];
  return words.reason[history.reason ?? "other"];
}

/** The heading alone is a live region: it is there before it is needed, and figures that change are not read out. */
export function StatusBanner() {
  const words = text.value.status;
  const status = store.status.value;
  const trouble = status && troubleOf(status);
  return (
    <div class="container">
      <section class={trouble ? `gateway gateway-${trouble}` : ""} data-trouble={trouble ?? undefined}>
        {trouble && <Icon name={icon[trouble]} />}
        <div>
          <strong role="status">{trouble && words.title[trouble]}</strong>
          {trouble && (
            <>
              <p>{words.because(reasonOf(trouble, status), words.todo[trouble])}</p>
              {trouble === "failing" ? <p>{words.notKept}</p> : <Kept {...status.history} />}
            </>
          )}
        </div>
      </section>
    </div>
  );
}
