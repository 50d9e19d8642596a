/** A part of the page that scrolls sideways by itself when it is wider than the screen; reachable by keyboard. */
import type { ComponentChildren } from "preact";

export const Scroll = ({ label, children }: { label: string; children: ComponentChildren }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
  <section class="table-scroll" tabIndex={0} aria-label={label}>
    {children}
  </section>
);
