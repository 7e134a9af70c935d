import type { ReactNode } from "react";
import { Refused, sentence } from "../supabase";
import { Button } from "./Button";

/** Nothing here yet, and what to do about it. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="state">
      <h2>{title}</h2>
      <div className="state-text">{children}</div>
      {action}
    </div>
  );
}

/** Something could not be read, and a way to try again. */
export function Failure({ what, error, onRetry }: { what: string; error: unknown; onRetry?: () => void }) {
  return (
    <div className="state" role="alert">
      <h2>{what} could not be read</h2>
      <p className="state-text">
        {sentence(error)} {!isGone(error) && "Check the connection, then try again."}
      </p>
      {onRetry && (
        <Button kind="primary" onPress={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

const isGone = (error: unknown): boolean => error instanceof Refused && error.status === 404;

/** A place kept for what is on its way, so that nothing jumps. */
export function Loading({ what, rows = 6 }: { what: string; rows?: number }) {
  return (
    <div className="loading" role="status">
      <span className="visually-hidden">{what} is loading.</span>
      {Array.from({ length: rows }, (_, index) => (
        <span key={index} className="bone" style={{ width: `${92 - ((index * 17) % 40)}%` }} />
      ))}
    </div>
  );
}

export type Tone = "good" | "bad" | "warn" | "info" | "plain";

/** A word that says how something stands. */
export function Badge({ tone, children }: { tone: Tone; children: ReactNode }) {
  return <span className={`badge ${tone}`}>{children}</span>;
}

/** A message that stays on the page. */
export function Banner({
  tone,
  title,
  children,
  actions,
}: {
  tone: Tone;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <section className={`banner ${tone}`} aria-label={title}>
      <div className="banner-text">
        <h3>{title}</h3>
        {children}
      </div>
      {actions !== undefined && <div className="banner-actions">{actions}</div>}
    </section>
  );
}
