/** The sign of Tradepost: a post with two boards. Always beside its name. */
export function Mark() {
  return (
    <svg viewBox="0 0 24 24" width="28" height="28" fill="currentColor" aria-hidden="true" focusable="false">
      <path d="M10.800 1.500h2.400v21h-2.400Z" />
      <path d="M4 3.500h13.500L21 6.500l-3.500 3H4Z" />
      <path d="M20 11.500H6.500L3 14.500l3.500 3H20Z" opacity="0.6" />
    </svg>
  );
}
