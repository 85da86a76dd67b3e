import pytest

from gate.languages import JAVASCRIPT, PYTHON


@pytest.mark.parametrize("text", ["", "# only words\n", '"""Only a docstring."""\n', '"a"\n"b"\n'])
def test_python_without_a_statement_holds_no_code(text: str) -> None:
    assert not PYTHON.has_code(text)


@pytest.mark.parametrize("text", ['"""Doc."""\nimport os\n', "x = 1", "def f(): ...", "1", "def broken(", "x\0"])
def test_python_with_a_statement_holds_code(text: str) -> None:
    assert PYTHON.has_code(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "// const a = 1\n/*\nconst b = 2\n*/\n",
        'import { a } from "./a"\nimport "./style.css"\nexport * from "./b"\nexport { c } from "./c"\n',
        "export interface A {\n  b(): void\n  new (c: string): A\n}\n",
        "export type A =\n  | 'x'\n  | typeof import('./b')\n",
        "type Path = `/${string}`\n",
        "export type F = (\n  a: string,\n) => void\n",
        "declare const version: string\ndeclare function f(a: string): void\nexport declare class B {}\n",
        'declare module "x" {\n  export const y: string\n  function z(): void\n}\n',
        "declare global {\nconst outdented: string\n}\n",
        "export const enum Colour { Red }\n",
        "/** It's a `type`. */\nexport type A = string // don't\n",
        "type T =\nimport('./b').B\n",
    ],
)
def test_typescript_that_only_declares_holds_no_code(text: str) -> None:
    assert not JAVASCRIPT.has_code(text)


@pytest.mark.parametrize(
    "text",
    [
        "export const a = 1",
        "let b",
        "export default function App() {\n  return <p>don't</p>\n}\n",
        "export async function f() {}",
        "export abstract class A {\n  b() {}\n}\n",
        'import { createRoot } from "react-dom/client"\ncreateRoot(document.body).render(<p />)\n',
        "module.exports = {}",
        "if (a) {\n  b()\n}\n",
        "/* words */\ntry { a() } catch {}\n",
        'const url = "http://localhost" // it\'s\n',
    ],
)
def test_typescript_with_a_statement_holds_code(text: str) -> None:
    assert JAVASCRIPT.has_code(text)
