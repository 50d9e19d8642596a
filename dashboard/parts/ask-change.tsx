/**
 * Asking for another setting: which and what; then, as the gateway weighs it, what is so at once and what has to be approved,
 * with a reason and an end.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import type { ChangesView, WeighedView } from "#protocol/changes.ts";
import { askForChange, getSettings, type Wanted, weighChange } from "../state/change-api.ts";
import { may } from "../state/who.ts";
import { number } from "../texts/format.ts";
import { text } from "../texts/texts.ts";
import { roleNames } from "./change-request.tsx";
import { useDoing } from "./doing.ts";
import { Failure } from "./failure.tsx";
import { useLoad } from "./load.ts";
import { endOf, type Grounds, ReasonFields } from "./reason-fields.tsx";
import { Refusal } from "./refusal.tsx";
import { SettingChanges } from "./setting-change.tsx";
import { SettingField, ValueField, valueSaid } from "./setting-choice.tsx";

interface Given {
  readonly law: ChangesView["law"];
  readonly onDone: (changes: ChangesView) => void;
}

/** What was weighed, to be asked for as it is. */
interface Weighed extends WeighedView {
  readonly wanted: Wanted;
}

function Choose({ weighed, cancel }: { weighed: (weighed: Weighed) => void; cancel: () => void }) {
  const words = text.value.changes.ask;
  const { value: settings, error, retry } = useLoad("settings", 0, getSettings);
  const [path, setPath] = useState("");
  const [value, setValue] = useState("");
  const doing = useDoing();
  const setting = settings?.find((one) => one.path === path);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (!setting) return;
    const wanted = { [path]: valueSaid(setting, value) };
    const answer = await doing.run(() => weighChange(wanted));
    if (answer) weighed({ ...answer, wanted });
  };
  const choose = (chosen: string) => {
    setPath(chosen);
    setValue("");
  };
  if (error !== undefined) return <Failure error={error} retry={retry} />;
  if (!settings) return <p>{text.value.loading}</p>;
  return (
    <form onSubmit={submit}>
      {doing.error !== undefined && <Refusal error={doing.error} />}
      <SettingField settings={settings} path={path} choose={choose} />
      {setting && <ValueField setting={setting} value={value} set={setValue} />}
      <p class="actions">
        <button type="submit" class="button button-primary" disabled={doing.busy || !setting}>
          {words.next}
        </button>
        <button type="button" class="button button-secondary" onClick={cancel}>
          {text.value.cancel}
        </button>
      </p>
    </form>
  );
}

function Sure({ weighed, law, onDone, cancel }: { weighed: Weighed; cancel: () => void } & Given) {
  const { locale, changes: words } = text.value;
  const { narrowing, widening, noticeDays, wanted } = weighed;
  const [grounds, setGrounds] = useState<Grounds>({ reason: "", until: "" });
  const doing = useDoing();
  const here = useRef<HTMLDivElement>(null);
  useEffect(() => here.current?.focus(), []);
  const widens = widening.length > 0;
  const submit = async (event: Event) => {
    event.preventDefault();
    const { reason } = grounds;
    const answer = await doing.run(() => askForChange(wanted, reason, widens ? endOf(grounds) : null));
    if (answer) onDone(answer);
  };
  const mayAsk = !widens || may("request-widening");
  return (
    <form onSubmit={submit}>
      {doing.error !== undefined && <Refusal error={doing.error} />}
      <div ref={here} tabIndex={-1}>
        {narrowing.length > 0 && (
          <>
            <p>{words.ask.narrows}</p>
            <SettingChanges changes={narrowing} />
          </>
        )}
        {widens && (
          <>
            <p>{words.ask.widens(roleNames(law.approvers), number(noticeDays, locale))}</p>
            <SettingChanges changes={widening} />
          </>
        )}
      </div>
      {!mayAsk && <p>{words.ask.notYours}</p>}
      {widens && mayAsk && <ReasonFields name="new" noticeDays={noticeDays} value={grounds} set={setGrounds} />}
      <p class="actions">
        {mayAsk && (
          <button type="submit" class="button button-primary" disabled={doing.busy}>
            {widens ? words.send : words.ask.atOnce}
          </button>
        )}
        <button type="button" class="button button-secondary" onClick={cancel}>
          {text.value.cancel}
        </button>
      </p>
    </form>
  );
}

/** For who may narrow or ask for a widening. */
export function AskChange({ law, onDone }: Given) {
  const words = text.value.changes.ask;
  const [stage, setStage] = useState<"closed" | "choosing" | Weighed>("closed");
  const [said, setSaid] = useState("");
  const opener = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(false);
  // What was pressed last is gone: the keyboard goes on from where it began.
  useEffect(() => {
    if (wasOpen.current && stage === "closed") opener.current?.focus();
    wasOpen.current = stage !== "closed";
  }, [stage]);
  const open = () => {
    setSaid("");
    setStage("choosing");
  };
  const close = () => setStage("closed");
  const done = (changes: ChangesView) => {
    setSaid(typeof stage === "object" && stage.widening.length > 0 ? words.asked : words.done);
    close();
    onDone(changes);
  };
  return (
    <section class="ask-change" aria-labelledby="ask-title">
      <h2 id="ask-title">{words.title}</h2>
      {stage === "closed" && (
        <>
          <p>{words.text}</p>
          <p class="actions">
            <button type="button" class="button button-secondary" ref={opener} onClick={open}>
              {words.open}
            </button>
          </p>
        </>
      )}
      {stage === "choosing" && <Choose weighed={setStage} cancel={close} />}
      {typeof stage === "object" && <Sure weighed={stage} law={law} onDone={done} cancel={close} />}
      <p role="status">{said}</p>
    </section>
  );
}
