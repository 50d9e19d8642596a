/** The page's heading; also the document's title. Takes the focus after a move between pages. */
import { useEffect } from "preact/hooks";
import { text } from "../texts/texts.ts";

export function Title({ children }: { children: string }) {
  const { appName } = text.value;
  useEffect(() => {
    document.title = `${children} – ${appName}`;
  }, [children, appName]);
  return <h1 tabIndex={-1}>{children}</h1>;
}
