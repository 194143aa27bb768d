/** A few line icons, drawn here: text never stands in pictures, and an icon never stands alone. */

const paths = {
  find: "M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12Zm4.4-1.6L18 18",
  customer: "M10 10a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Zm-7 8c.6-3.8 3.4-5.5 7-5.5s6.4 1.7 7 5.5",
  discount: "m4 16 12-12M6 7.5A1.8 1.8 0 1 0 6 4a1.8 1.8 0 0 0 0 3.5Zm8 8.5a1.8 1.8 0 1 0 0-3.5 1.8 1.8 0 0 0 0 3.5Z",
  park: "M6.5 3.5v13m7-13v13",
  back: "M8 4 3 9l5 5M3.5 9H12a5 5 0 0 1 0 10h-2",
  drawer: "M2.5 8.5h15v8h-15Zm2-5h11l2 5h-15Zm3.500 9h4",
  more: "M3 10a1 1 0 1 0 2 0 1 1 0 1 0-2 0Zm6 0a1 1 0 1 0 2 0 1 1 0 1 0-2 0Zm6 0a1 1 0 1 0 2 0 1 1 0 1 0-2 0Z",
  help: "M10 18a8 8 0 1 0 0-16 8 8 0 0 0 0 16ZM7.700 7.800c0-3 4.600-2.800 4.600-.2 0 1.700-2.300 1.800-2.300 3.500m0 2.700v.3",
  price: "M3 3h7l7.500 7.500-7 7L3 10Zm3.800 3.800h.01",
  cancel: "M4.500 4.500l11 11m0-11-11 11",
  report: "M5 2.500h7l3.500 3.500v11.500H5Zm2.500 7.500h5.500m-5.500 3h5.500",
  shift: "M10 18a8 8 0 1 0 0-16 8 8 0 0 0 0 16Zm0-12.500V10l3 2",
  print: "M6 7V2.500h8V7M6 14H3V7h14v7h-3m-8-2.500h8v6H6Z",
  lock: "M4.500 9h11v8.500h-11Zm2.500 0V6a3 3 0 0 1 6 0v3",
  settings: "M3 6h8m4 0h2M3 14h2m4 0h8M13 8.500v-5m-6 13v-5",
  erase: "M7 4.500h10.500v11H7L2.500 10Zm3 3.500 4 4m0-4-4 4",
  keys: "M2.500 5h15v10.500h-15ZM5.500 8h.01m3 0h.01m3 0h.01m3 0h.01M6 12h8",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg viewBox="0 0 20 20" width="20" height="20" fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
