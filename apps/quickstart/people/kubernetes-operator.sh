#!/usr/bin/env bash
# A Kubernetes operator: probes, grace, drain, logs, with what README says alone.
source "$(dirname "$0")/start.sh"
down=$WORK/never
node "$PEOPLE/provider.mjs" "$((PORT + 1))" large "$down" & pids+=($!)
cat >smmf.yaml <<YAML
version: 1
server: { host: 0.0.0.0, port: $PORT, keys: ["\${env:SMMF_KEY}"], grace: 2s, drain: 10s }
admin: { port: $ADMIN_PORT }
log: { format: json }
models:
  chat: { engine: proxy-openai, url: "http://127.0.0.1:$((PORT + 1))/v1", model: large, apiKey: one }
  away: { engine: proxy-openai, url: "http://127.0.0.1:9/v1", model: none, apiKey: two }
YAML
export SMMF_KEY=sk-app-0123456789abcdef
$SMMF start 2>log & smmf=$!
pids+=("$smmf")
base=http://127.0.0.1:$PORT
until_ok 30 curl -sf "$base/healthz"

say 'ready once the first starts are through, though one model is away; its own probe says so'
until_ok 30 curl -sf "$base/readyz"
[ "$(status "$base/readyz?model=chat")" = 200 ] || die 'chat is not ready'
[ "$(status "$base/readyz?model=away")" = 503 ] || die 'a model that is away is ready'
expect '"id":"away"' curl -s "$base/readyz"

ask() {
  curl -s "$base/v1/chat/completions" -H "authorization: Bearer $SMMF_KEY" -H 'content-type: application/json' \
    -d '{"model":"chat","messages":[{"role":"user","content":"Hello!"}]}' "$@"
}
expect 'I am large' ask

say 'SIGTERM: not ready at once, alive and serving through the grace'
kill -TERM "$smmf"
until_ok 1 bash -c "[ \$(curl -s -o /dev/null -w '%{http_code}' $base/readyz) = 503 ]"
[ "$(status "$base/healthz")" = 200 ] || die 'not alive while it drains'
expect 'I am large' ask

say 'then it takes nothing more, finishes what runs, and ends with 0'
code=0
wait "$smmf" || code=$?
[ "$code" = 0 ] || die "it ended with $code: $(tail -3 log)"
[ "$(status "$base/healthz" || true)" = 000 ] || die 'something still listens'

say 'the log is JSON, one line for each request'
node -e '
  const lines = require("node:fs").readFileSync("log", "utf8").trim().split("\n").filter((line) => line.startsWith("{")).map(JSON.parse);
  const requests = lines.filter(({ msg }) => msg === "request");
  if (requests.length !== 2 || !requests.every(({ status, instance, client }) => status === 200 && instance === "chat-0" && client)) process.exit(1);
' || die "the log is not as README says: $(cat log)"
say 'done'
