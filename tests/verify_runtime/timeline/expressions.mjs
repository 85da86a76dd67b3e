// GitHub's own answer to each expression on standard input, one JSON text a line, in the contexts of the first line:
// its value, with {"number": its text} for a number and {"object": its pairs} for a mapping, or {"refused": for what}.
import readline from "readline";
import { pathToFileURL } from "url";

const index = pathToFileURL(process.argv[2]);
const { Lexer, Parser, Evaluator, data } = await import(index);
const { ErrorType } = await import(new URL("errors.js", index));
const { Kind } = data;

function made(value) {
  if (value === null) return new data.Null();
  if (Array.isArray(value)) return new data.Array(...value.map(made));
  if (typeof value === "boolean") return new data.BooleanData(value);
  if (typeof value === "number") return new data.NumberData(value);
  if (typeof value === "string") return new data.StringData(value);
  return new data.Dictionary(...Object.entries(value).map(([key, part]) => ({ key, value: made(part) })));
}

function told(value) {
  if (value.kind === Kind.Null) return null;
  if (value.kind === Kind.Number) return { number: String(value.value) };
  if (value.kind === Kind.Array) return value.values().map(told);
  if (value.kind === Kind.Dictionary) return { object: value.pairs().map((pair) => [pair.key, told(pair.value)]) };
  return value.value;
}

function answer(text, contexts) {
  try {
    const names = contexts.pairs().map((pair) => pair.key);
    return told(new Evaluator(new Parser(new Lexer(text).lex().tokens, names, []).parse(), contexts).evaluate());
  } catch (error) {
    // A name that is not there, or a function with too few or too many arguments, is refused wherever it stands.
    return { refused: error.typ >= ErrorType.ErrorTooFewParameters ? "names" : "all" };
  }
}

let contexts;
for await (const line of readline.createInterface({ input: process.stdin })) {
  if (contexts) process.stdout.write(`${JSON.stringify(answer(JSON.parse(line), contexts))}\n`);
  else contexts = made(JSON.parse(line));
}
