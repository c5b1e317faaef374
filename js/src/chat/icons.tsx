// Pictures on a grid of 16 pixels, drawn with the colour of the text.

const PATHS = {
  copy: "M5.5 5.5h7v7h-7zM10.5 5.5v-2h-7v7h2",
  check: "M3.5 8.5l3 3 6-7",
  retry: "M12.7 6.2A5 5 0 1 0 13 9M13 3v3.4H9.6",
  edit: "M3 13l.6-2.7 7-7 2.1 2.1-7 7zM9.2 4.7l2.1 2.1",
  trash: "M3 4.5h10M6.5 4.5v-1.5h3v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5M7 7v3.5M9 7v3.5",
  send: "M8 13V3.5M4 7.2l4-4 4 4",
  plus: "M8 3.5v9M3.5 8h9",
  sliders: "M2.5 5h6M11.5 5h2M2.5 11h2M7.5 11h6M10 3.5v3M6 9.5v3",
  down: "M4.5 6.5L8 10l3.5-3.5",
  close: "M4 4l8 8M12 4l-8 8",
} as const;

export type IconName = keyof typeof PATHS;

export const Icon = ({ name }: { name: IconName }) => (
  <svg class="pl-icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
);
