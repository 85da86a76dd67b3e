import { Link, useLocation } from "wouter";
import { useTitle } from "./useTitle";

/** What an address shows that is none of the page's. */
export function NoPage() {
  const [location] = useLocation();
  useTitle("No such page");
  return (
    <>
      <div className="heading">
        <h1>There is no such page</h1>
        <p>
          Nothing is at <code>{location}</code>. The address may be mistyped, or from an older version.
        </p>
      </div>
      <ul>
        <li>
          <Link href="/">Generate something</Link>
        </li>
        <li>
          <Link href="/gallery">Look at what was made</Link>
        </li>
        <li>
          <Link href="/usage">See what it cost</Link>
        </li>
      </ul>
    </>
  );
}
