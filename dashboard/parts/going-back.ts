/** When a question has gone, with what had the focus, the keyboard goes on from where it was asked. */
import { useEffect, useRef } from "preact/hooks";

/** For the element whose first button is where one goes on. */
export function useGoingBack<E extends HTMLElement>(asked: boolean) {
  const place = useRef<E>(null);
  const wasAsked = useRef(false);
  useEffect(() => {
    if (wasAsked.current && !asked) place.current?.querySelector("button")?.focus();
    wasAsked.current = asked;
  }, [asked]);
  return place;
}
