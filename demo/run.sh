#!/usr/bin/env bash
# The main job on a folder in place of a cluster: what a team does in a week, in a minute.
# Live state is .demo/dev, which git ignores; the definitions are this repository's own environments/dev.
set -euo pipefail
cd "$(dirname "$0")/.."
live=.demo/dev
providers=$live/omnia/providers.omnia.altairalabs.ai

bold= plain=
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\033[1m' plain=$'\033[0m'; fi
say() { printf '\n%s%s%s\n' "$bold" "$1" "$plain"; }
run() { # the command as a user would type it; its exit code is part of what it says
  printf '$ %s\n' "$*"
  "$@" || printf '(exit code %d)\n' "$?"
}

rm -rf "$live"
mkdir -p "$live/llm-system"
cp -R demo/cluster/. "$live" # namespaces, and the Secrets that the providers point to

say "1. What would change? Nothing is there yet."
run reconciler diff dev

say "2. Apply it."
run reconciler apply dev

say "3. Once more: nothing to do."
run reconciler diff dev

say "4. Someone edits a live provider, someone rotates a key: git does not move."
edit() { printf '$ %s\n' "sed -i '$1' $2"; sed "$1" "$2" > "$2.new" && mv "$2.new" "$2"; }
edit 's/claude-haiku-4-5/claude-opus-4-1/' "$providers/claude.yaml"
edit 's/example-openai-1/example-openai-2/' "$live/llm/secrets/openai.yaml"
run reconciler drift dev

say "What next?"
cat <<'NEXT'
  .venv/bin/reconciler apply dev          git wins: the edit is undone, the rotation is on record
  .venv/bin/reconciler validate           every environment, offline
  edit environments/dev/values.yaml       then: .venv/bin/reconciler diff dev
  README.md                               your own repository, and a real cluster
NEXT
