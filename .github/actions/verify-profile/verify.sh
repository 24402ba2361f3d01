#!/bin/sh
# Judges profiles in a build. Everything comes in by the environment, so no value of a pull request is ever read as a command:
# FILES (files or patterns, separated by blanks), one of POLICY, ADDRESS and KEY, or TRUST alone (CONSENSUS_HASH@HEIGHT or block
# hashes, separated by blanks; for proof bundles); optional JUNIT (a file to write), PROGRAM (the installed program), ACTION_PATH (where this file is). Ends with the exit code of `blockstack profile verify`.
set -eu
if [ -z "${PROGRAM:-}" ]; then
    PROGRAM=${RUNNER_TEMP:-${TMPDIR:-/tmp}}/blockstack
    (cd "$ACTION_PATH/../../.." && CGO_ENABLED=0 go build -trimpath -o "$PROGRAM" .)
fi
# Patterns stay as they are: the program expands them itself. Words after -- are never flags.
set -f
# shellcheck disable=SC2086
set -- $FILES
for word; do
    case $word in -*) echo "error: FILES has a word that begins with -: $word" >&2; exit 2 ;; esac
done
[ -z "${POLICY:-}" ] || set -- "$@" --policy "$POLICY"
[ -z "${ADDRESS:-}" ] || set -- "$@" --address "$ADDRESS"
[ -z "${KEY:-}" ] || set -- "$@" --key "$KEY"
for word in ${TRUST:-}; do set -- "$@" --trust "$word"; done
[ -z "${JUNIT:-}" ] || set -- "$@" --junit "$JUNIT"
exec "$PROGRAM" --no-input --offline profile verify "$@"
