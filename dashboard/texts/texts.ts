/** The texts in the reader's language; reading `text.value` in a component follows the choice. */
import { computed } from "@preact/signals";
import type { RoomView } from "#protocol/api.ts";
import { type Language, language } from "../state/settings.ts";
import { da, type Texts } from "./da.ts";
import { en } from "./en.ts";

const catalogues: Readonly<Record<Language, Texts>> = { da, en };

export const text = computed(() => catalogues[language.value]);

export const nameOf = (names: RoomView["name"]): string => names[language.value];
