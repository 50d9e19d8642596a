/**
 * Makes the Danish public sector's design system (dkfds) slim and themable while the dashboard is built:
 * keeps the rules whose classes the pages use, drops its fonts (fonts.css names the two weights used), and puts a custom
 * property in place of each colour, so that colours.css can give every one a light and a dark value.
 */
import type { AtRule, Plugin, Root, Rule } from "postcss";

/** Classes of the design system that the pages use. A class not listed here has no style. */
const used = new Set(
  (
    "container page-container sr-only skipnav small-text nobullet-list " +
    "button button-primary button-secondary " +
    "alert alert-heading alert-text alert-warning " +
    "badge badge-info " +
    "table table--compact table--borderless table--responsive-headers " +
    "form-group form-label form-hint form-input " +
    "navigation-menu mainmenu nav-link active"
  ).split(" "),
);

/** The design system's own names of its colours. White is a surface; as the colour of text it is `on-dark`. */
const colours: Readonly<Record<string, string>> = {
  "#fff": "white",
  "#ffffff": "white",
  "#f5f5f5": "gray-100",
  "#dcdcdc": "gray-200",
  "#bfbfbf": "gray-300",
  "#8e8e8e": "gray-400",
  "#707070": "gray-500",
  "#454545": "gray-600",
  "#1a1a1a": "black",
  "#ddf7ce": "success-light",
  "#358000": "success",
  "#ffeecc": "warning-light",
  "#febb30": "warning",
  "#ffe0e0": "error-light",
  "#cc0000": "error",
  "#c00": "error",
  "#e2f2fb": "info-light",
  "#1b86c3": "info",
  "#004d99": "link",
  "#800080": "link-visited",
  "#0059b3": "primary",
  "#004993": "primary-dark",
  "#003972": "primary-darker",
};

const classesOf = (selector: string) => [...selector.matchAll(/\.([a-zA-Z][\w-]*)/g)].map((match) => match[1]!);
/** Bullets of every list, and widths told by lists of exceptions that outweigh every rule of the pages: left out. */
const isOverbearing = (selector: string) => selector.includes(":not(.accordion)") || selector === "ul > li::before";
const isUsed = (selector: string) =>
  !isOverbearing(selector) && classesOf(selector.replaceAll(/:not\([^)]*\)/g, "")).every((name) => used.has(name));

function themed(property: string, value: string): string {
  return value.replaceAll(/#[0-9a-f]{3,8}\b|\bwhite\b(?!-)/gi, (colour) => {
    const name = colour === "white" ? colour : colours[colour.toLowerCase()];
    if (name === undefined) throw new Error(`the design system's colour ${colour} has no name in design-system.ts`);
    return `var(--${name === "white" && property === "color" ? "on-dark" : name})`;
  });
}

function slimRule(rule: Rule): void {
  const selectors = rule.selectors.filter(isUsed);
  if (selectors.length === 0) return void rule.remove();
  rule.selectors = selectors;
  rule.walkDecls((declaration) => {
    if (declaration.value.includes("url(")) declaration.remove();
    else declaration.value = themed(declaration.prop, declaration.value);
  });
}

function slimAtRule(rule: AtRule): void {
  if (["font-face", "charset"].includes(rule.name) || (rule.name === "media" && rule.params.includes("print")))
    rule.remove();
  else if (rule.nodes?.length === 0) rule.remove();
}

export const designSystem: Plugin = {
  postcssPlugin: "design-system",
  Once(root: Root) {
    if (!/dkfds[^/]*\.css/.test(root.source?.input.file ?? "")) return;
    root.walkRules(slimRule);
    root.walkAtRules(slimAtRule);
    root.walkComments((comment) => void comment.remove());
  },
};
