/** The service as the page knows it: a real server that speaks the API, with a memory and no generator. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import type { Generation, GenerationRequest } from "../../../src/web/app/generation";
import { aGeneration } from "../generations";
import { listen } from "../loopback";

type Method = "GET" | "POST";

export class Service {
  origin = "";
  price: number | null = 0.1665;
  readonly requests: GenerationRequest[] = [];
  readonly images: Generation[];
  readonly #failures: { method: Method; detail: string }[] = [];
  #gate: Promise<void> = Promise.resolve();

  private constructor(images: Generation[]) {
    this.images = images;
  }

  /** Starts one that has generated these before, the newest first. */
  static async start(...images: Generation[]): Promise<Service> {
    const service = new Service(images);
    service.origin = await listen((request, response) => void service.#answer(request, response));
    return service;
  }

  /** Lets the next request of this method fail. */
  failNext(method: Method, detail: string): void {
    this.#failures.push({ method, detail });
  }

  /** Holds back all answers until the returned function is called. */
  hold(): () => void {
    let release: () => void;
    this.#gate = new Promise((resolve) => (release = resolve));
    return () => {
      release();
    };
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    await this.#gate;
    const failure = this.#failures.findIndex(({ method }) => method === request.method);
    if (failure >= 0) {
      const [failed] = this.#failures.splice(failure, 1);
      response.writeHead(503).end(JSON.stringify({ detail: failed?.detail }));
    } else if (request.method === "POST") {
      response.writeHead(201).end(JSON.stringify(this.#generate(JSON.parse(body) as GenerationRequest)));
    } else {
      response.end(JSON.stringify({ images: this.images }));
    }
  }

  #generate(request: GenerationRequest): Generation {
    this.requests.push(request);
    const id = `new-${String(this.requests.length)}`;
    const generation = aGeneration({ id, ...request, estimated_cost_usd: this.price });
    this.images.unshift(generation);
    return generation;
  }
}
