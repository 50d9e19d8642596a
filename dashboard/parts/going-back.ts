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

/**
 * For the element that takes the focus when what had it goes, because `gone` has come true meanwhile; `before`: what it was before
 * the element came.
 */
export function useFollowing<E extends HTMLElement>(gone: boolean, before = gone) {
  const place = useRef<E>(null);
  const wasGone = useRef(before);
  useEffect(() => {
    if (gone && !wasGone.current && document.activeElement === document.body) place.current?.focus();
    wasGone.current = gone;
  }, [gone]);
  return place;
}
