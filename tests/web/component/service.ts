/** The service as the page knows it: a real server that speaks the API, with a memory and no generator. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import type { Generation, GenerationRequest, Session, Tracked } from "../../../src/web/app/service/generation";
import { aGeneration, aSession, aText } from "../generations";
import { listen } from "../loopback";

type Place = "/api/session" | "/api/images" | "/api/texts" | "/api/generations" | "/api/live";

const LINES = { "Content-Type": "application/x-ndjson" };

export class Service {
  origin = "";
  price: number | null = 0.1665;
  /** What is particular of what is generated. */
  made: Partial<Generation> = {};
  session: Session = aSession();
  tracked: Tracked = { state: "delivered", kind: "run", id: "r1", url: "https://mlflow.example/#/runs/r1" };
  /** How many generations a page has. */
  pageSize = 24;
  /** What was asked to be generated. */
  readonly requests: Partial<GenerationRequest>[] = [];
  /** How many of these the client left before they were answered. */
  left = 0;
  /** How often the gallery was asked for. */
  listed = 0;
  readonly generations: Generation[];
  readonly #listeners = new Set<ServerResponse>();
  readonly #failures: { path: string; status: number; detail: string; headers: Record<string, string> }[] = [];
  readonly #gates = new Map<Place, Promise<void>>();
  #parts: string[] = [];

  private constructor(generations: Generation[]) {
    this.generations = generations;
  }

  /** Starts one that has generated these before, the newest first. */
  static async start(...generations: Generation[]): Promise<Service> {
    const service = new Service(generations);
    service.origin = await listen((request, response) => void service.#answer(request, response));
    return service;
  }

  /** Lets the next request to this path fail. */
  failNext(path: string, detail: string, status = 503, headers: Record<string, string> = {}): void {
    this.#failures.push({ path, status, detail, headers });
  }

  /** Holds back a place's answers until the returned function is called. */
  hold(place: Place): () => void {
    let release: () => void;
    this.#gates.set(place, new Promise((resolve) => (release = resolve)));
    return () => {
      release();
    };
  }

  /** Sends the next text in these parts: the first before what is held back, the others after it. */
  write(...parts: string[]): void {
    this.#parts = parts;
  }

  /** Tells all who listen. */
  tell(event: string, data: unknown): void {
    for (const each of this.#listeners) each.write(`event: ${event}\ndata: ${JSON.stringify(data)}\nid: 7\n\n`);
  }

  /** Ends the connection to all who listen. */
  hangUp(): void {
    for (const each of this.#listeners) each.end();
  }

  /** Returns how many listen. */
  get listening(): number {
    return this.#listeners.size;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const url = new URL(request.url ?? "", this.origin);
    const isAt = (place: Place) => url.pathname.startsWith(place);
    response.on("close", () => {
      if (!response.writableFinished && request.method === "POST") this.left += 1;
    });
    const failure = this.#failures.findIndex(({ path }) => path === url.pathname);
    const [failed] = failure >= 0 ? this.#failures.splice(failure, 1) : [];
    if (isAt("/api/texts") && failed === undefined) return this.#write(response, body);
    if (url.pathname === "/api/generations") this.listed += 1;
    await this.#gate(url);
    if (failed !== undefined) response.writeHead(failed.status, failed.headers).end(JSON.stringify({ detail: failed.detail }));
    else if (isAt("/api/live")) this.#listen(response);
    else response.end(JSON.stringify(this.#say(url, body)));
  }

  #say({ pathname, searchParams }: URL, body: string): unknown {
    if (pathname === "/api/session") return this.session;
    if (pathname === "/api/images") return this.#generate(JSON.parse(body) as GenerationRequest, aGeneration);
    if (pathname === "/api/generations/filters") {
      const distinct = (values: string[]) => [...new Set(values)].sort();
      return {
        users: distinct(this.generations.map((each) => each.user_email)),
        models: distinct(this.generations.map((each) => each.model)),
      };
    }
    if (pathname.endsWith("/tracked")) return this.tracked;
    if (pathname !== "/api/generations") {
      return this.generations.find(({ id }) => pathname === `/api/generations/${encodeURIComponent(id)}`) ?? {};
    }
    const found = this.generations.filter(
      ({ prompt, user_email, model }) =>
        prompt.includes(searchParams.get("search") ?? "") &&
        [null, user_email].includes(searchParams.get("user")) &&
        [null, model].includes(searchParams.get("model")),
    );
    // Each has a number, the oldest 1: a page does not change when something new comes.
    const numberOf = (each: Generation) => this.generations.length - this.generations.indexOf(each);
    const before = Number(searchParams.get("before") ?? Infinity);
    const rest = found.filter((each) => numberOf(each) < before);
    const page = rest.slice(0, this.pageSize);
    const last = page.at(-1);
    return { generations: page, next: last !== undefined && page.length < rest.length ? numberOf(last) : null };
  }

  async #write(response: ServerResponse, body: string): Promise<void> {
    const [first = "A light", ...rest] = this.#parts;
    const line = (said: unknown) => response.write(`${JSON.stringify(said)}\n`);
    response.writeHead(200, LINES);
    line({ text: first });
    await this.#gates.get("/api/texts");
    for (const part of rest) line({ text: part });
    const generation = this.#generate(JSON.parse(body) as GenerationRequest, aText);
    line({ end: { ...generation, text: [first, ...rest].join("") } });
    response.end();
  }

  async #gate(url: URL): Promise<void> {
    for (const [place, gate] of this.#gates) if (url.pathname.startsWith(place)) await gate;
  }

  #listen(response: ServerResponse): void {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write("event: hello\ndata: {}\nid: 1\n\n");
    this.#listeners.add(response);
    response.on("close", () => this.#listeners.delete(response));
  }

  #generate(request: Partial<GenerationRequest>, make: typeof aGeneration): Generation {
    this.requests.push(request);
    const id = `new-${String(this.requests.length)}`;
    const generation = make({ id, ...request, estimated_cost_usd: this.price, ...this.made });
    this.generations.unshift(generation);
    return generation;
  }
}
