/** An address that leads nowhere. */
import { Title } from "../parts/title.tsx";
import { pathOf } from "../state/route.ts";
import { text } from "../texts/texts.ts";

export function NotFoundPage() {
  const words = text.value.notFound;
  return (
    <>
      <Title>{words.title}</Title>
      <p>{words.text}</p>
      <p>
        <a href={pathOf.rooms}>{words.home}</a>
      </p>
    </>
  );
}
