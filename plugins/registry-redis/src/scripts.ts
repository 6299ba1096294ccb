import { createHash } from 'node:crypto';

/** A Lua script of Redis, and the name that it has there. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

// The keys of a namespace, all with one hash tag, so that a Redis Cluster holds them in one place:
//   entry   hash of one entry: epoch, value, gone; ends by itself with its lease
//   index   sorted set: id → end of its lease, milliseconds of the server's clock
//   mark    text that names the generation
//   count   number of the last change: the revision
//   events  stream of changes: the id of an event is the revision, `COUNT-0`, so that a gap shows
// Expired keys tell nobody, and notifications of keyspaces are lost while a reader is away: whoever reads takes what has ended
// out of the index and writes the event.

const PRELUDE = `
local entry, index, mark, count, events = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function changed(id)
  local revision = redis.call('INCR', count)
  redis.call('XADD', events, 'MAXLEN', '~', 10000, revision .. '-0', 'id', id)
end

local function put(id, epoch, value, gone, ttl)
  local ends = now + ttl
  redis.call('HSET', entry, 'epoch', epoch, 'value', value, 'gone', gone)
  redis.call('PEXPIREAT', entry, ends)
  redis.call('ZADD', index, ends, id)
end

local function begin(name)
  if not redis.call('GET', mark) then redis.call('SET', mark, name) end
end

-- Of the start with this epoch: ok, lost or superseded.
local function standing(held, epoch)
  if not held[1] then return 'lost' end
  if tonumber(held[1]) > tonumber(epoch) then return 'superseded' end
  if tonumber(held[1]) < tonumber(epoch) or held[3] == '1' then return 'lost' end
  return 'ok'
end

-- Takes out what has ended; the milliseconds until the next end, -1 where nothing is left. KEYS[1] is the beginning of the entries' keys.
local function sweep()
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', index, '-inf', now, 'LIMIT', 0, 1000)) do
    redis.call('ZREM', index, id)
    redis.call('DEL', entry .. id)
    changed(id)
  end
  local first = redis.call('ZRANGE', index, 0, 0, 'WITHSCORES')
  if not first[2] then return -1 end
  return math.max(0, tonumber(first[2]) - now)
end

local function row(rows, id)
  local held = redis.call('HMGET', entry .. id, 'epoch', 'value')
  if not held[1] then return false end
  rows[#rows + 1] = id
  rows[#rows + 1] = held[1]
  rows[#rows + 1] = held[2]
  return true
end

local function view(rest, rows)
  return { redis.call('GET', mark) or '', tonumber(redis.call('GET', count) or '0'), rest, rows }
end
`;

function script(body: string): Script {
  const text = `${PRELUDE}${body}`;
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

/** ARGV: id, epoch, value, ttl, a name for a new generation. Gives `ok`, or the higher epoch that holds the id. */
export const REGISTER = script(`
local id, epoch, value = ARGV[1], ARGV[2], ARGV[3]
begin(ARGV[5])
local held = redis.call('HMGET', entry, 'epoch', 'value', 'gone')
if standing(held, epoch) == 'superseded' then return held[1] end
put(id, epoch, value, '0', ARGV[4])
if held[1] ~= epoch or held[2] ~= value or held[3] ~= '0' then changed(id) end
return 'ok'
`);

/** ARGV: id, epoch, ttl, and the new value where there is one. Gives `ok`, `lost` or `superseded`. */
export const HOLD = script(`
local id, epoch, ttl, value = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local held = redis.call('HMGET', entry, 'epoch', 'value', 'gone')
local result = standing(held, epoch)
if result ~= 'ok' then return result end
put(id, epoch, value or held[2], '0', ttl)
if value and value ~= held[2] then changed(id) end
return 'ok'
`);

/** ARGV: id, epoch, and for a tombstone its length and value. Gives what stood there before, as HOLD does. */
export const RELEASE = script(`
local id, epoch, ttl, value = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local result = standing(redis.call('HMGET', entry, 'epoch', 'value', 'gone'), epoch)
if result ~= 'ok' then return result end
if value then
  put(id, epoch, value, '1', ttl)
else
  redis.call('DEL', entry)
  redis.call('ZREM', index, id)
end
changed(id)
return 'ok'
`);

/**
 * ARGV: a name for a new generation; the generation and revision that the reader has seen. Gives generation, revision, milliseconds to the next
 * end of a lease, and id, epoch and value of every entry. Data that stand at a lower revision than was seen are an older copy that was put
 * back, or what a failover has left: another generation.
 */
export const LIST = script(`
begin(ARGV[1])
local rest = sweep()
local revision = tonumber(redis.call('GET', count) or '0')
if redis.call('GET', mark) == ARGV[2] and revision < tonumber(ARGV[3]) then redis.call('SET', mark, ARGV[1]) end
local rows = {}
for _, id in ipairs(redis.call('ZRANGE', index, 0, -1)) do
  if not row(rows, id) then
    -- Evicted, or deleted by hand.
    redis.call('ZREM', index, id)
    changed(id)
  end
end
return view(rest, rows)
`);

/** ARGV: ids. The same as LIST for these alone. */
export const SOME = script(`
local rest = sweep()
local rows = {}
for _, id in ipairs(ARGV) do row(rows, id) end
return view(rest, rows)
`);
