/** What the reader has chosen: language and theme, kept in the browser. No cookie, nothing is sent. */
import { effect, signal } from "@preact/signals";

export type Language = "da" | "en";
export type Theme = "system" | "light" | "dark";

/** Danish, unless the browser asks for English first. */
export const languageFor = (preferred: readonly string[]): Language => {
  const first = preferred.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag === "da" || tag === "en");
  return first === "en" ? "en" : "da";
};

function stored<T extends string>(key: string, values: readonly T[]): T | undefined {
  try {
    return values.find((value) => value === localStorage.getItem(key));
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
    return undefined;
  }
}

function store(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {}
}

const LANGUAGE = "fortrolig.language";
const THEME = "fortrolig.theme";

export const language = signal<Language>("da");
export const theme = signal<Theme>("system");

/** Reads the choices and writes them to the document from now on. */
export function applySettings(): void {
  language.value = stored(LANGUAGE, ["da", "en"]) ?? languageFor(navigator.languages);
  theme.value = stored(THEME, ["system", "light", "dark"]) ?? "system";
  effect(() => {
    document.documentElement.lang = language.value;
  });
  effect(() => {
    document.documentElement.dataset.theme = theme.value;
  });
}

export function chooseLanguage(value: Language): void {
  language.value = value;
  store(LANGUAGE, value);
}

export function chooseTheme(value: Theme): void {
  theme.value = value;
  store(THEME, value);
}
