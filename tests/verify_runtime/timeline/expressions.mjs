// GitHub's own answer to each expression on standard input, in the contexts that stand with it: its kind and its text,
// or "refused".
import fs from "fs";
import { pathToFileURL } from "url";

const { Lexer, Parser, Evaluator, data } = await import(pathToFileURL(process.argv[2]));
const { expressions, contexts } = JSON.parse(fs.readFileSync(0, "utf8"));

function made(value) {
  if (value === null) return new data.Null();
  if (Array.isArray(value)) return new data.Array(...value.map(made));
  if (typeof value === "boolean") return new data.BooleanData(value);
  if (typeof value === "number") return new data.NumberData(value);
  if (typeof value === "string") return new data.StringData(value);
  return new data.Dictionary(...Object.entries(value).map(([key, part]) => ({ key, value: made(part) })));
}

const context = made(contexts);
const answers = expressions.map((text) => {
  try {
    const parsed = new Parser(new Lexer(text).lex().tokens, Object.keys(contexts), []).parse();
    const value = new Evaluator(parsed, context).evaluate();
    return [data.Kind[value.kind], value.coerceString()];
  } catch {
    return "refused";
  }
});
process.stdout.write(JSON.stringify(answers));
