import { Link } from "wouter";
import { Figures } from "../Figures";
import { formatMoment, shorten } from "../format";
import { describe, textOf } from "../Picture";
import type { Generation } from "../service/generation";

const EXCERPT = 320;

/** A generation in the gallery, which leads to its page. */
export function Card({ generation }: Readonly<{ generation: Generation }>) {
  return (
    <li className="card">
      <Link href={`/gallery/${generation.id}`} className="thumbnail">
        {generation.image_url === null ? (
          <>
            <span className="visually-hidden">{describe(generation)}: </span>
            <span className="excerpt" dir="auto">{shorten(textOf(generation), EXCERPT)}</span>
          </>
        ) : (
          <img src={generation.image_url} alt={describe(generation)} loading="lazy" />
        )}
      </Link>
      <p className="prompt" dir="auto">{describe(generation)}</p>
      <Figures generation={generation} />
      <p className="origin">
        <time dateTime={generation.created_at}>{formatMoment(generation.created_at)}</time>
        <span title={generation.user_email}>{generation.user_email}</span>
      </p>
    </li>
  );
}
