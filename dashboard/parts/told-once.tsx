/** A secret that is shown this once. */
import { CopyField } from "./copy-field.tsx";

export const ToldOnce = ({ words, secret }: { words: string; secret: string }) => (
  <section class="gateway told-once" aria-labelledby="told-once">
    <div>
      <strong id="told-once">{words}</strong>
      <CopyField value={secret} labelledBy="told-once" first />
    </div>
  </section>
);
