#!/usr/bin/env bash
# guard SCRIPT: run a step's script, once the runtimes that were last verified are still the active ones.
# `defaults.run.shell` calls it before every run step, so the common path is this file alone: starting Python
# costs more than asking node. `verify-runtime check` remembers in VERIFY_RUNTIME_TOOL_* what it found:
# the command, the argument that makes it print its version, what it printed, and the requirement.
if [ "$#" -ne 1 ]; then
  echo "usage: guard.sh SCRIPT" >&2
  exit 2
fi
changed=()
for name in "${!VERIFY_RUNTIME_TOOL_@}"; do
  IFS=$'\t' read -r tool flag said required <<<"${!name}"
  active=$("$tool" "$flag" 2>&1)
  [ "${active%%$'\n'*}" = "$said" ] || changed+=("$required")
done
if [ "${#changed[@]}" -gt 0 ]; then
  # Only a difference is worth the full check: it has the words, and it knows whether the range still holds.
  python=$(command -v python3 || command -v python) || {
    echo "::error title=No Python for the full check::${changed[*]}: what is active has changed since it was verified."
    exit 1
  }
  "$python" "${BASH_SOURCE[0]%/*}" check "${changed[@]}" || exit 1
fi
exec bash --noprofile --norc -eo pipefail "$1"
