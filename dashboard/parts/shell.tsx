/** What surrounds every page: skip link, header, menu, settings, footer; and the focus when the page changes. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { site } from "../state/app.ts";
import { pathOf, type Route, route } from "../state/route.ts";
import { chooseLanguage, chooseTheme, language, type Theme, theme } from "../state/settings.ts";
import { may, me, who } from "../state/who.ts";
import { nameOf, text } from "../texts/texts.ts";
import { Announcer } from "./announcer.tsx";
import { Brand } from "./brand.tsx";
import { LinkBanner } from "./link-banner.tsx";
import { StatusBanner } from "./status-banner.tsx";
import { WhoMenu } from "./who-menu.tsx";

const menu = ["rooms", "leakage", "devices", "report", "changes", "audit", "people"] as const;
type Item = (typeof menu)[number];

/** Whether there is anything to see on a page for who looks. */
const isShown: Readonly<Record<Item, () => boolean>> = {
  rooms: () => may("live") || may("free-rooms"),
  leakage: () => may("leakage", "all"),
  devices: () => me.value !== null,
  report: () => may("history", "grouped", "all"),
  changes: () => true,
  audit: () => may("audit"),
  people: () => may("people"),
};

const isWithin = (item: Item, { page }: Route) =>
  item === page || (item === "rooms" && page === "room") || (item === "leakage" && page === "pair");

function Menu() {
  const words = text.value;
  return (
    <nav class="navigation-menu" aria-label={words.navigation}>
      <ul class="container mainmenu">
        {menu
          .filter((item) => isShown[item]())
          .map((item) => {
            const here = isWithin(item, route.value);
            return (
              <li key={item} class={here ? "active" : ""}>
                <a class="nav-link" href={pathOf[item]} aria-current={here ? "page" : undefined}>
                  <span>{words.nav[item]}</span>
                </a>
              </li>
            );
          })}
      </ul>
    </nav>
  );
}

function Settings() {
  const words = text.value;
  const other = language.value === "da" ? "en" : "da";
  return (
    <div class="settings">
      <WhoMenu />
      <button
        type="button"
        class="plain"
        lang={other}
        title={words.otherLanguage.label}
        onClick={() => chooseLanguage(other)}
      >
        {words.otherLanguage.name}
      </button>
      <label>
        <span>{words.theme}</span>
        <select value={theme.value} onChange={(event) => chooseTheme(event.currentTarget.value as Theme)}>
          {(["system", "light", "dark"] as const).map((choice) => (
            <option key={choice} value={choice}>
              {words.themes[choice]}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

/** After a move to another page the heading takes the focus, as a newly loaded document would. */
function useFocusOnMove(): void {
  const first = useRef(true);
  const here = route.value;
  // Signing in or out puts another page in the place of the one that was there.
  const { kind } = who.value;
  useEffect(() => {
    if (!first.current) {
      document.querySelector<HTMLElement>("main h1")?.focus();
      scrollTo(0, 0);
    }
    first.current = kind === "asking";
  }, [here, kind]);
}

export function Shell({ children }: { children: ComponentChildren }) {
  const words = text.value;
  useFocusOnMove();
  return (
    <>
      <a class="skipnav" href="#main">
        {words.skip}
      </a>
      <header class="top">
        <div class="container top-row">
          <a class="top-name" href={pathOf.rooms}>
            <Brand />
            <span>
              <strong>{words.appName}</strong>
              <span class="top-site">{site.value ? nameOf(site.value.name) : words.tagline}</span>
            </span>
          </a>
          <Settings />
        </div>
        {who.value.kind !== "asking" && <Menu />}
      </header>
      {me.value !== null && <LinkBanner />}
      <StatusBanner />
      <main id="main" class="container page-container" tabIndex={-1}>
        {children}
      </main>
      <Announcer />
      <footer class="bottom">
        <div class="container">
          <p>{words.promise}</p>
          <p class="small-text">{words.footer.source}</p>
        </div>
      </footer>
    </>
  );
}
