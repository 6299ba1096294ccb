#!/usr/bin/env bash
# A LiteLLM user: two providers, a fallback, keys, metrics, with what README says alone.
source "$(dirname "$0")/start.sh"
down=$WORK/first-is-down
rm -f "$down"
node "$PEOPLE/provider.mjs" "$((PORT + 1))" large "$down" & pids+=($!)
node "$PEOPLE/provider.mjs" "$((PORT + 2))" small & pids+=($!)

say 'one config file: two providers, one the fallback of the other, a key for callers and one for Prometheus'
cat >smmf.yaml <<YAML
version: 1
server:
  port: $PORT
  keys: [{ key: "\${env:SMMF_KEY}", name: app }, { key: "\${env:SMMF_METRICS_KEY}", name: prometheus, scopes: [metrics] }]
admin: { port: $ADMIN_PORT }
log: { format: json }
models:
  chat:
    aliases: [gpt-4o]
    engine: proxy-openai
    url: http://127.0.0.1:$((PORT + 1))/v1
    model: large
    apiKey: "\${env:FIRST_KEY}"
    fallbacks: [spare]
  spare: { engine: proxy-openai, url: "http://127.0.0.1:$((PORT + 2))/v1", model: small, apiKey: "\${env:SECOND_KEY}" }
YAML
export SMMF_KEY=sk-app-0123456789abcdef SMMF_METRICS_KEY=sk-metrics-0123456789abcdef FIRST_KEY=one SECOND_KEY=two
expect 'is fine' $SMMF check
$SMMF start 2>log & pids+=($!)
until_ok 30 curl -sf "http://127.0.0.1:$PORT/readyz"

ask() {
  curl -s "http://127.0.0.1:$PORT/v1/chat/completions" -H "authorization: Bearer ${2:-$SMMF_KEY}" -H 'content-type: application/json' \
    -d "{\"model\":\"$1\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello!\"}]}" "${@:3}"
}
say 'the model answers under its name and its alias; without a key nobody gets in'
expect 'I am large' ask chat
expect 'I am large' ask gpt-4o
expect 'invalid_api_key' ask chat sk-nobody

say 'when the first provider fails, the fallback answers, and says so'
touch "$down"
until_ok 30 bash -c "$(declare -f ask); PORT=$PORT SMMF_KEY=$SMMF_KEY; ask gpt-4o | grep -q 'I am small'"
expect 'x-smmf-model: spare' ask gpt-4o "$SMMF_KEY" -i
until_ok 5 grep -q '"asked":"gpt-4o","model":"spare"' log
grep -q '"msg":"attempt failed"' log || die 'no warning for the failed attempt in the log'
grep -q '"key":"app"' log || die 'no name of the key in the log'
! grep -q "$SMMF_KEY" log || die 'the key itself is in the log'

say 'Prometheus sees it, with its own key'
metrics() { curl -sf "http://127.0.0.1:$PORT/metrics" -H "authorization: Bearer $SMMF_METRICS_KEY"; }
expect 'smmf_fallbacks_total{from="chat",to="spare"}' metrics
expect 'smmf_attempts_total{smmf_instance="chat-0",outcome="engine_overloaded"}' metrics
[ "$(status "http://127.0.0.1:$PORT/metrics")" = 401 ] || die 'metrics without a key'
say 'done'
