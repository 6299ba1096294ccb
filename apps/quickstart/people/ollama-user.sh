#!/usr/bin/env bash
# An Ollama user: a question, pull, list, show, a server, ps, a chat, rm, with what README says alone. MODEL is a GGUF file of this machine.
source "$(dirname "$0")/start.sh"
: "${MODEL:?a GGUF file}"
export SMMF_CACHE=$WORK/cache XDG_STATE_HOME=$WORK/state
export SMMF_URL=http://127.0.0.1:$PORT SMMF_ADMIN_URL=http://127.0.0.1:$ADMIN_PORT
# A context this small keeps the answers short.
flags="--port $PORT --admin-port $ADMIN_PORT --context 256"
stem=$(basename "$MODEL" .gguf)

say 'run, with a question: one answer, and nothing else on standard output'
answer=$($SMMF run --context 256 "$MODEL" 'Say hello.' 2>run.log) || die "run ended with $?: $(cat run.log)"
[ -n "$answer" ] || die 'no answer'

say 'pull fetches it; list and show say what is here'
python3 -m http.server --bind 127.0.0.1 --directory "$(dirname "$MODEL")" "$((PORT + 1))" >/dev/null 2>&1 & pids+=($!)
place=http://127.0.0.1:$((PORT + 1))/$(basename "$MODEL")
until_ok 10 curl -sfI "$place"
expect "smmf run $stem" $SMMF pull "$place"
expect "$stem" $SMMF list
expect 'context length' $SMMF show "$stem"

say 'serve it under a name of our own; ps, status and logs say what runs'
$SMMF start --model "tiny=$stem" $flags >start.out 2>log & smmf=$!
pids+=("$smmf")
until_ok 60 curl -sf "$SMMF_URL/readyz"
expect tiny $SMMF ps
expect 'ready' $SMMF status
expect 'ready' $SMMF logs tiny

say 'chat from a pipe; the only model needs no name'
answer=$(echo 'Say hello.' | $SMMF chat) || die 'no chat from a pipe'
[ -n "$answer" ] || die 'no answer from a pipe'

say 'Ctrl-C ends it in order'
kill -INT "$smmf"
code=0
wait "$smmf" || code=$?
[ "$code" = 0 ] || die "it ended with $code: $(tail -3 log)"

say 'run --serve: the same by the short way'
$SMMF run "$stem" --serve $flags >serve.out 2>log & smmf=$!
pids+=("$smmf")
until_ok 60 curl -sf "$SMMF_URL/readyz"
expect "$stem" $SMMF ps
kill -TERM "$smmf"
wait "$smmf" || die "it ended with $?: $(tail -3 log)"

say 'rm gives the room back'
expect "$stem" $SMMF rm "$stem"
expect 'Nothing was fetched' $SMMF list
say 'done'
