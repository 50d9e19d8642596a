/** Voices made by espeak-ng: too regular to tune on alone, but every test has a second talker in Danish and English. */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Clip, decode } from "./decode.ts";
import { CACHE, program, putInPlace } from "./packages.ts";

const SENTENCES = {
  en: [
    "Good morning, thank you for coming in today. Please take a seat.",
    "I have read your application, and I would like to ask a few questions about it.",
    "Yes.",
    "When did you last work, and how many hours a week was it?",
    "It was two years ago, in a warehouse, about thirty hours, mostly nights.",
    "I see. And how is your back now, can you stand for a whole shift?",
    "No, not really. After an hour or so I have to sit down.",
    "We could look for something with shorter days to begin with.",
    "That would be good, but I also have to fetch the children at three.",
    "Of course. Let me write that down, and then we will make a plan together.",
    "How long does it take before I hear from you?",
    "Normally about two weeks, sometimes a little longer in the summer.",
  ],
  da: [
    "Godmorgen, og tak fordi du kunne komme. Sæt dig endelig ned.",
    "Jeg har læst din ansøgning, og jeg vil gerne stille et par spørgsmål.",
    "Ja, det er i orden.",
    "Hvornår arbejdede du sidst, og hvor mange timer om ugen var det?",
    "Det var for to år siden på et lager, omkring tredive timer, mest om natten.",
    "Hvordan har din ryg det nu? Kan du stå op en hel dag?",
    "Nej, ikke rigtig. Efter en time eller to må jeg sætte mig.",
    "Vi kunne finde noget med kortere dage i begyndelsen.",
    "Det ville være godt, men jeg skal også hente børnene klokken tre.",
    "Selvfølgelig. Nu skriver jeg det ned, og så laver vi en plan sammen.",
    "Hvor lang tid går der, før jeg hører fra jer?",
    "Normalt omkring to uger, nogle gange lidt længere om sommeren.",
  ],
} as const;

/** The sentences of `language` by one voice variant, for example `m3` or `f2`, at a rate in words per minute. */
export async function synthesise(language: "en" | "da", variant: string, rate: number): Promise<Float32Array[]> {
  const key = `espeak-${language}-${variant}-${rate}`;
  const folder = join(CACHE, "espeak", key);
  const name = (i: number) => `${String(i).padStart(2, "0")}.wav`;
  if (!existsSync(folder)) {
    const work = `${folder}.${process.pid}`;
    mkdirSync(work, { recursive: true });
    for (const [i, text] of SENTENCES[language].entries()) {
      await program("espeak-ng", ["-v", `${language}+${variant}`, "-s", String(rate), "-w", join(work, name(i)), text]);
    }
    putInPlace(work, folder);
  }
  const clips: Clip[] = SENTENCES[language].map((_, i) => ({ name: name(i), file: join(folder, name(i)) }));
  return decode(key, clips);
}
