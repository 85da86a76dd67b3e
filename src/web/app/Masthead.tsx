// For the style sheets.
/// <reference types="vite/client" />
import { Link, useLocation } from "wouter";
import { useLive } from "./service/LiveContext";
import "./masthead.css";

const PLACES = [
  ["/", "Generate"],
  ["/gallery", "Gallery"],
  ["/usage", "Usage"],
] as const;

/** Where one can go, and as whom one is here; `user` is null before the service told it. */
export function Masthead({ user }: Readonly<{ user: string | null }>) {
  const [location] = useLocation();
  const { isLost } = useLive();
  const here = `/${location.split("/")[1] ?? ""}`;
  return (
    <header className="masthead">
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <nav aria-label="Pages">
        {PLACES.map(([place, name]) => (
          <Link key={place} href={place} aria-current={place === here ? "page" : undefined}>
            {name}
          </Link>
        ))}
      </nav>
      <output className="connection">{isLost && "Connection lost. Trying again…"}</output>
      {user !== null && (
        <p className="person">
          <span className="visually-hidden">You are </span>
          {user}
        </p>
      )}
    </header>
  );
}
