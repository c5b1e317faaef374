/** What an element that scrolls needs, so that the keys can scroll it. */
export const scrolling = (label: string) => ({
  tabIndex: 0,
  role: "group" as const,
  "aria-label": label,
});
