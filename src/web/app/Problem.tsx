interface ProblemProps {
  title: string;
  error: Error;
  onRetry: () => void;
}

/** What went wrong, and the button that tries again. */
export function Problem({ title, error, onRetry }: Readonly<ProblemProps>) {
  return (
    <div className="failure">
      <div role="alert">
        <p className="title">{title}</p>
        <p>{error.message}</p>
      </div>
      <button type="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}
