/** How the dashboard is built: Preact's JSX, the design system made slim, assets that a strict content policy allows. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { designSystem } from "./style/design-system.ts";

const installed = (path: string) => fileURLToPath(new URL(`../node_modules/${path}`, import.meta.url));

export default defineConfig({
  root: import.meta.dirname,
  // The design system exports its script only; its style, fonts and icons are reached by path.
  resolve: { alias: { "dkfds-dist": installed("dkfds/dist") } },
  // Told outright, so that a build made by a test run is the one that is shipped.
  define: { "process.env.NODE_ENV": '"production"' },
  oxc: { jsx: { runtime: "automatic", importSource: "preact", development: false } },
  css: { postcss: { plugins: [designSystem] } },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2023",
    // The oldest browsers that know light-dark(), which both themes are written with.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // No data: addresses, so that the page runs under default-src 'self'.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
});
