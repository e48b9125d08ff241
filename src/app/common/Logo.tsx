/** Cells on a plane, three of them read. */
export function Logo() {
  return (
    <svg width="26" height="26" viewBox="0 0 26 26" aria-hidden="true" focusable="false">
      <g fill="var(--mantine-primary-color-filled)">
        <circle cx="8" cy="9" r="4.2" />
        <circle cx="17.5" cy="7" r="3" opacity="0.55" />
        <circle cx="17" cy="17.5" r="5" opacity="0.8" />
        <circle cx="7.5" cy="19" r="2.6" opacity="0.4" />
      </g>
    </svg>
  );
}
