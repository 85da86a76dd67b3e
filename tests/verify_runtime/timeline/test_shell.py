import pytest

from verify_runtime.timeline.shell import Command, parse, powershell
from verify_runtime.timeline.words import Unclear, Variable


def words(command: Command) -> list[str]:
    return ["".join(part if isinstance(part, str) else "?" for part in word) for word in command.words]


def commands(text: str) -> list[list[str]]:
    return [words(each) for each in parse(text).commands]


def certain(text: str) -> dict[str, bool]:
    return {" ".join(words(each)): each.certain for each in parse(text).commands}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("npm ci; npm test", [["npm", "ci"], ["npm", "test"]]),
        ("echo 'a  b' \"c d\" e\\ f", [["echo", "a  b", "c d", "e f"]]),
        ("npm run \\\n  build", [["npm", "run", "build"]]),
        ("# npm ci\nnpm test # later", [["npm", "test"]]),
        ("echo a#b", [["echo", "a#b"]]),
        ("a | b |& c", [["a"], ["b"], ["c"]]),
        ("cat <<EOF\nnvm use 20\nEOF\nnpm ci", [["cat"], ["npm", "ci"]]),
        ("cat <<-'E'\n\tnvm use 20\n\tE\nnpm ci", [["cat"], ["npm", "ci"]]),
        ("(cd web && npm ci)", [["cd", "web"], ["npm", "ci"]]),
        ("echo $((1 + 2)) ${X:-y} `date`", [["echo", "?", "?", "?"]]),
        ("npm ci > log 2>&1 &", [["npm", "ci"]]),
        ("for x in 1 2; do npm test; done", [["npm", "test"]]),
        ("case $x in a) npm ci;; b|c) npm test ;; esac", [["npm", "ci"], ["npm", "test"]]),
        ("diff <(npm ls) b", [["diff", "?", "b"]]),
        ("echo 'not ended", [["echo", "not ended"]]),
        ("a\u00a0b", [["a\u00a0b"]]),
    ],
)
def test_commands_are_found(text: str, expected: list[list[str]]) -> None:
    assert commands(text) == expected


def test_what_stands_under_a_condition_is_not_certain() -> None:
    assert certain("if a; then b; else c; fi\nd") == {"a": True, "b": False, "c": False, "d": True}
    assert certain("a && b || c") == {"a": True, "b": True, "c": False}
    assert certain("[ -f x ] && b") == {"[ -f x ]": True, "b": False}
    assert certain("while a; do b; done; c") == {"a": True, "b": False, "c": True}
    assert certain("{ a; b; } && c") == {"a": True, "b": True, "c": True}


def test_a_function_is_no_command_until_it_is_called() -> None:
    script = parse("f() {\n  nvm use 20\n}\nfunction g { npm ci; }\nf")
    assert [words(each) for each in script.commands] == [["f"]]
    assert [words(each) for each in script.functions["f"]] == [["nvm", "use", "20"]]
    assert [words(each) for each in script.functions["g"]] == [["npm", "ci"]]


def test_lines_are_those_of_the_text() -> None:
    text = 'a\n\nb "x\ny"\nc <<E\n1\nE\nd'
    assert [(words(each)[0], each.line) for each in parse(text).commands] == [("a", 1), ("b", 3), ("c", 5), ("d", 8)]


def test_variables_and_substitutions_are_told_apart_from_text() -> None:
    [command] = parse("echo \"a$B-${C:-d}$(cat x)\" '$B'").commands
    assert command.words[1] == ("a", Variable("B"), "-", Variable("C", "d"), Unclear("cat x"))
    assert command.words[2] == ("$B",)


def test_what_is_written_where_is_kept_also_for_a_group() -> None:
    [one, two, three] = parse('echo a >> "$F"\n{ echo b; echo c; } >> $F').commands
    assert one.writes == two.writes == three.writes == ((Variable("F"),),)


def test_a_pipe_knows_its_source() -> None:
    [first, second] = parse("curl x | bash -").commands
    assert second.sources == (first,)
    *group, last = parse("{ echo a; echo b; } | tee x").commands
    assert last.sources == tuple(group)


def test_assignments_stand_before_a_command() -> None:
    [command] = parse("A=1 B=$C npm ci").commands
    assert [name for name, _ in command.assignments] == ["A", "B"]
    assert words(command) == ["npm", "ci"]


def test_powershell_writes_to_the_same_files() -> None:
    [command] = parse(powershell('"node=20" | Out-File -FilePath $env:GITHUB_ENV -Append')).commands
    assert command.writes == ((Variable("GITHUB_ENV"),),)
