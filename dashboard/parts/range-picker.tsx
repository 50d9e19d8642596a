/** One of several periods, up to now. */
import { text } from "../texts/texts.ts";

export function RangePicker<Name extends string>({
  names,
  words,
  chosen,
  choose,
}: {
  names: readonly Name[];
  words: Readonly<Record<Name, string>>;
  chosen: Name;
  choose: (name: Name) => void;
}) {
  return (
    <fieldset class="choices">
      <legend class="sr-only">{text.value.room.range}</legend>
      {names.map((name) => (
        <label key={name} class={name === chosen ? "chosen" : ""}>
          <input type="radio" name="range" value={name} checked={name === chosen} onChange={() => choose(name)} />
          {words[name]}
        </label>
      ))}
    </fieldset>
  );
}
