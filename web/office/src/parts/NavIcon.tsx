/** Icons of the sections, line drawn like those of the kit; never without their word. */
const paths = {
  home: "M3 9.500 10 3.500l7 6M5 8.500v8h10v-8M8.500 16.500v-4.500h3v4.500",
  sales: "M4.500 2.500h11v15l-2.200-1.500-1.650 1.500-1.650-1.500-1.650 1.500-1.650-1.500-2.200 1.500ZM7.500 7h5m-5 3.500h5",
  customers: "M7.500 9.500a3 3 0 1 0 0-6 3 3 0 0 0 0 6Zm-5.500 7c.4-3.300 2.500-4.800 5.500-4.800s5.100 1.500 5.500 4.800M13.200 4a2.800 2.800 0 0 1 0 5.200m1.800 3c1.700.7 2.800 2.100 3.100 4.300",
  stock: "M10 2.500 17 6v8l-7 3.500L3 14V6Zm0 7.500v7.500M3 6l7 4 7-4",
  branches: "M3 8.500v8.500h14V8.500M2.500 8.500 4 3h12l1.500 5.500c0 2-3 2-3.750 0-.75 2-3 2-3.750 0-.75 2-3 2-3.750 0-.75 2-3.750 2-3.750 0Zm5.500 8.500v-4h4v4",
  more: "M4 6h12M4 10h12M4 14h12",
  account: "M10 10a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7Zm-7 8c.6-3.800 3.400-5.500 7-5.500s6.400 1.700 7 5.500",
  help: "M10 18a8 8 0 1 0 0-16 8 8 0 0 0 0 16ZM7.700 7.800c0-3 4.600-2.800 4.600-.2 0 1.700-2.300 1.800-2.300 3.500m0 2.700v.3",
  close: "m5 5 10 10m0-10L5 15",
  lock: "M4.500 9h11v8.500h-11Zm2.500 0V6a3 3 0 0 1 6 0v3",
  down: "m5 8 5 5 5-5",
  search: "M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12Zm4.400-1.600L18 18",
  download: "M10 3v9.500m-4-4 4 4 4-4M3.500 16.500h13",
  back: "M12.500 4 6.500 10l6 6",
} as const;

export type NavIconName = keyof typeof paths;

export function NavIcon({ name }: { name: NavIconName }) {
  return (
    <svg viewBox="0 0 20 20" width="20" height="20" fill="none" stroke="currentColor" strokeWidth="1.600" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
