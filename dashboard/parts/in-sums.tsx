/** Why offices are not shown one by one in a strict house, and where their figures are. */
import { pathOf } from "../state/route.ts";
import { may } from "../state/who.ts";
import { text } from "../texts/texts.ts";

export function InSums() {
  const words = text.value.rooms;
  return (
    <p>
      {words.inSums} {may("history") && <a href={pathOf.report}>{words.toReport}</a>}
    </p>
  );
}
