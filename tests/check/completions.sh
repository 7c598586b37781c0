#!/bin/sh
# completions: what `skt completion SHELL` writes is loaded by that shell, and completes.
set -eu
: "${SKT:?}"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
PATH=$(dirname "$SKT"):$PATH
bad=0

# expect SHELL WORD TEXT: the file `found` holds WORD as a line or as the first word of one
expect() {
	grep -qE -- "^$2([[:space:]]|\$)" found && return
	echo "$1: '$3' is not completed to '$2', but to:"
	cat found
	bad=1
}

for shell in bash zsh fish; do
	"$SKT" completion "$shell" >"./$shell"
	test -s "$shell" || { echo "$shell: nothing was written"; exit 1; }
done

# $1: the words of a command line, the last of which is completed
cat >drive <<'DRIVE'
set -u
source ./bash
function=$(complete -p skt | sed 's/.*-F \([^ ]*\).*/\1/')
COMP_WORDS=($1)
[[ $1 == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$1 COMP_POINT=${#1} COMPREPLY=()
previous=$((COMP_CWORD - 1))
"$function" skt "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[previous]}" || :
printf '%s\n' "${COMPREPLY[@]+"${COMPREPLY[@]}"}"
DRIVE
bash --norc -n ./bash
bash --norc ./drive 'skt con' >found
expect bash connect 'skt con'
bash --norc ./drive 'skt ' >found
for command in connect listen udp-send udp-recv unix http-get help completion; do
	expect bash "$command" 'skt '
done
bash --norc ./drive 'skt connect --verb' >found
expect bash --verbose 'skt connect --verb'

if command -v zsh >/dev/null; then
	zsh -n ./zsh
	head -n 1 zsh | grep -q '^#compdef skt' || { echo 'zsh: the first line is not #compdef skt'; bad=1; }
fi
if command -v fish >/dev/null; then
	export HOME="$dir" XDG_CONFIG_HOME="$dir" XDG_DATA_HOME="$dir"
	fish --no-execute ./fish
	fish --no-config -c 'source ./fish; complete -C "skt con"' >found
	expect fish connect 'skt con'
	fish --no-config -c 'source ./fish; complete -C "skt connect --verb"' >found
	expect fish --verbose 'skt connect --verb'
fi
exit "$bad"
