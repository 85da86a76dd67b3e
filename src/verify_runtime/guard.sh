#!/usr/bin/env bash
# guard SCRIPT: run a step's script, once the runtimes that were last verified are still the active ones.
# `defaults.run.shell` calls it before every run step, so the common path is this file alone: starting Python
# costs more than asking node. `verify-runtime check` remembers in VERIFY_RUNTIME_TOOL_* what it required and found:
# the command, the argument that makes it print its version, the requirement, and the line that holds the version.
if [ "$#" -ne 1 ]; then
  echo "usage: guard.sh SCRIPT (what defaults.run.shell puts in the place of {0})" >&2
  exit 2
fi
changed=()
IFS=$'\t'
set -f
for name in "${!VERIFY_RUNTIME_TOOL_@}"; do
  fields=(${!name}) # split at tabs, on purpose
  [ "${#fields[@]}" -gt 0 ] || continue
  # The line is read as it comes: the tool's own end is not waited for. Java and npm may print other lines before it.
  # A tool slower than two seconds gets the five that the full check gives it.
  for _ in {1..20}; do
    IFS=$' \t' read -r -t 2 line || [ -n "$line" ] || break
    [ "${line%$'\r'}" = "${fields[*]:3}" ] && continue 2
  done < <(exec "${fields[0]}" "${fields[1]}" 2>&1 </dev/null)
  kill "$!" 2>/dev/null # it may hang
  changed+=("${fields[2]}")
done
IFS=' '
if [ "${#changed[@]}" -gt 0 ]; then
  # Only a difference is worth the full check: it has the words, and it knows whether the range still holds.
  python=$(command -v python3 || command -v python) || {
    echo "::error title=No Python for the full check::${changed[*]}: what is active has changed since it was verified."
    exit 1
  }
  VERIFY_RUNTIME_GUARD=1 "$python" -I -S "${BASH_SOURCE[0]%guard.sh}." check "${changed[@]}" || exit 1
fi
exec "$BASH" --noprofile --norc -eo pipefail "$1"
