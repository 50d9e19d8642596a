/** How tests launch the system's Chromium through playwright-core: `chromium.launch(chromiumLaunch())`. */
import { pathOf } from "./service.ts";

/** Headless, without the sandbox (tests may run as root) and without a word to the outside. */
export const chromiumLaunch = () => ({
  executablePath: pathOf("chromium"),
  args: [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
