/** Tokens of programs: what each is for, how far it reaches, until when; and a way to end it. */
import { Fragment } from "preact";
import { useState } from "preact/hooks";
import type { TokenView } from "#protocol/access.ts";
import { timeZone } from "../state/app.ts";
import { date } from "../texts/format.ts";
import { text } from "../texts/texts.ts";
import { ConfirmRow } from "./confirm.tsx";
import { useFollowing, useGoingBack } from "./going-back.ts";
import { Table } from "./table.tsx";

type End = (token: TokenView) => void;
const isOver = ({ revoked, expires }: TokenView) => revoked !== null || Date.parse(expires) <= Date.now();

function Row({ token, end }: { token: TokenView; end: End | undefined }) {
  const { tokens: words, roles, locale } = text.value;
  const [asked, ask] = useState(false);
  const cell = useGoingBack<HTMLTableCellElement>(asked);
  const head = useFollowing<HTMLTableCellElement>(isOver(token));
  const day = (instant: string) => date(Date.parse(instant), locale, timeZone.value);
  return (
    <Fragment>
      <tr data-token={token.id}>
        <th scope="row" tabIndex={-1} ref={head}>
          {token.label}
        </th>
        <td data-title={words.role}>{roles[token.role]}</td>
        <td data-title={words.rooms}>{token.rooms.join(", ") || "–"}</td>
        <td data-title={words.until}>
          {token.revoked === null ? day(token.expires) : words.revoked(day(token.revoked))}
        </td>
        <td data-title={words.lastUsed}>{token.lastUsed === null ? words.never : day(token.lastUsed)}</td>
        {end && (
          <td data-title={words.action} ref={cell}>
            {!isOver(token) && (
              <button type="button" class="plain" onClick={() => ask(true)}>
                {words.revoke} <span class="sr-only">{token.label}</span>
              </button>
            )}
          </td>
        )}
      </tr>
      {end && asked && (
        <ConfirmRow
          columns={6}
          question={words.sure}
          yes={words.yes(token.label)}
          onYes={() => {
            ask(false);
            end(token);
          }}
          onNo={() => ask(false)}
        />
      )}
    </Fragment>
  );
}

export function TokenTable({ tokens, end }: { tokens: readonly TokenView[]; end?: End }) {
  const words = text.value.tokens;
  const heads = [words.label, words.role, words.rooms, words.until, words.lastUsed];
  if (tokens.length === 0) return <p>{words.none}</p>;
  return (
    <Table look="tokens" caption={words.title} heads={end ? [...heads, words.action] : heads} blocks>
      {tokens.map((token) => (
        <Row key={token.id} token={token} end={end} />
      ))}
    </Table>
  );
}
