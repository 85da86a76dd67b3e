/** The room of what is loaded. */
export function Skeleton() {
  return (
    <p className="waiting shimmering">
      <span className="visually-hidden">Loading…</span>
    </p>
  );
}
