-- Puts a delivery to all members of a group into its outbox. Nothing has gone to a member when this returns.
--
-- KEYS     1 state   2 members   3 outbox   4 index   5 deliveries   6 round
-- ARGV     1 body   2 id, fresh: 16 hex digits   3 SHA-1 of the body   4 life of the keys (ms)   5 the most entries that wait
--          6 the most bytes   7 '1' to keep each member's result
--          then pairs of type, contentType, topic, ttl, idempotencyKey, as the delivery headers
-- returns  stored | replayed | full | conflict (the idempotency key with another body), id

local body, id, life = ARGV[1], ARGV[2], ARGV[4]
local option = {}
for i = 8, #ARGV, 2 do option[ARGV[i]] = ARGV[i + 1] end
local now = now_ms()

local key = option.idempotencyKey
if key then
  local till, digest, known = string.match(redis.call('HGET', KEYS[4], 'key:' .. key) or '', '^(%d+) (%x+) (%x+)$')
  if till and tonumber(till) > now then return { digest == ARGV[3] and 'replayed' or 'conflict', known } end
end

local header = { '\1{"nonce":"', id, '","time":', text_of(now) }
if option.ttl then header[#header + 1] = ',"ttl":' .. option.ttl end
if ARGV[7] == '1' then header[#header + 1] = ',"results":true' end
if key then header[#header + 1] = ',"key":' .. cjson.encode(key) end
if option.type then header[#header + 1] = ',"type":"' .. option.type .. '"' end
if option.topic then header[#header + 1] = ',"topic":"' .. option.topic .. '"' end
if option.contentType then header[#header + 1] = ',"contentType":' .. cjson.encode(option.contentType) end
header[#header + 1] = '}\n'
header[#header + 1] = body
local entry = table.concat(header)

local kept = redis.call('HMGET', KEYS[1], 'first', 'bytes', 'tombstones', 'id')
local first, bytes, tombstones = math.max(1, number_of(kept[1])), number_of(kept[2]), number_of(kept[3])
local length = redis.call('LLEN', KEYS[3])
if length == 0 then bytes, tombstones = 0, 0 end

-- The delivery of this topic that waits, and is not under way: it leaves, and this one stands at the end, behind what was
-- delivered in between.
local place, older
if option.topic then
  local sequence, waiting = string.match(redis.call('HGET', KEYS[4], 'topic:' .. option.topic) or '', '^(%d+) (%x+)$')
  local at = sequence and tonumber(sequence) - first or -1
  if at >= 0 and waiting ~= kept[4] then
    local there = redis.call('LINDEX', KEYS[3], at)
    if there and id_of(there) == waiting and not is_tombstone(there) then place, older = at, there end
  end
end

local freed = older and #older or 0
if length - tombstones + 1 - (older and 1 or 0) > tonumber(ARGV[5]) or bytes + #entry - freed > tonumber(ARGV[6]) then
  return { 'full', '' }
end

redis.call('RPUSH', KEYS[3], entry) -- the first write: refused on a full Redis, before anything has changed
length, bytes = length + 1, bytes + #entry - freed
if older then
  redis.call('LSET', KEYS[3], place, tombstone_of(older, 'topic'))
  tombstones = tombstones + 1
  record(id_of(older), now, 'replaced', 0)
end
if option.topic then redis.call('HSET', KEYS[4], 'topic:' .. option.topic, text_of(first + length - 1) .. ' ' .. id) end

if tombstones > KEPT then
  -- Without them, and with new places for what is left: the head, which may be under way, is none of them.
  local left = {}
  for _, one in ipairs(redis.call('LRANGE', KEYS[3], 0, -1)) do
    if not is_tombstone(one) then left[#left + 1] = one end
  end
  redis.call('DEL', KEYS[3])
  for i = 1, #left, CHUNK do redis.call('RPUSH', KEYS[3], unpack(left, i, math.min(#left, i + CHUNK - 1))) end
  for i, one in ipairs(left) do
    local topic = id_of(one) and topic_of(one)
    if topic and string.sub(redis.call('HGET', KEYS[4], 'topic:' .. topic) or '', -16) == id_of(one) then
      redis.call('HSET', KEYS[4], 'topic:' .. topic, text_of(first + i - 1) .. ' ' .. id_of(one))
    end
  end
  tombstones = 0
end

redis.call('HSET', KEYS[1], 'first', first, 'bytes', bytes, 'tombstones', tombstones)
if key then redis.call('HSET', KEYS[4], 'key:' .. key, text_of(now + TEN_MINUTES) .. ' ' .. ARGV[3] .. ' ' .. id) end
record(id, now, 'waiting', live_members(now))
bound(KEYS[4], now)
bound(KEYS[5], now)
keep(life)
wake()
return { 'stored', id }
