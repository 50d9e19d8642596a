/** Tokens of programs: what each is for, how far it reaches, until when; and a way to end it. */
import type { TokenView } from "#protocol/access.ts";
import { timeZone } from "../state/app.ts";
import { date } from "../texts/format.ts";
import { text } from "../texts/texts.ts";
import { Scroll } from "./scroll.tsx";

const isOver = ({ revoked, expires }: TokenView) => revoked !== null || Date.parse(expires) <= Date.now();

export function TokenTable({ tokens, end }: { tokens: readonly TokenView[]; end?: (token: TokenView) => void }) {
  const { tokens: words, roles, locale } = text.value;
  const day = (instant: string) => date(Date.parse(instant), locale, timeZone.value);
  if (tokens.length === 0) return <p>{words.none}</p>;
  return (
    <Scroll label={words.title}>
      <table class="table table--compact table--borderless table--responsive-headers tokens">
        <caption class="sr-only">{words.title}</caption>
        <thead>
          <tr>
            <th scope="col">{words.label}</th>
            <th scope="col">{words.role}</th>
            <th scope="col">{words.rooms}</th>
            <th scope="col">{words.until}</th>
            <th scope="col">{words.lastUsed}</th>
            {end && <th scope="col">{words.action}</th>}
          </tr>
        </thead>
        <tbody>
          {tokens.map((token) => (
            <tr key={token.id} data-token={token.id}>
              <th scope="row">{token.label}</th>
              <td data-title={words.role}>{roles[token.role]}</td>
              <td data-title={words.rooms}>{token.rooms.join(", ") || "–"}</td>
              <td data-title={words.until}>
                {token.revoked === null ? day(token.expires) : words.revoked(day(token.revoked))}
              </td>
              <td data-title={words.lastUsed}>{token.lastUsed === null ? words.never : day(token.lastUsed)}</td>
              {end && (
                <td data-title={words.action}>
                  {!isOver(token) && (
                    <button type="button" class="plain" onClick={() => end(token)}>
                      {words.revoke} <span class="sr-only">{token.label}</span>
                    </button>
                  )}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
