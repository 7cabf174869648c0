-- Stores one message and wakes the receiver's node. Also registered as the function `mailbox_deliver`.
--
-- KEYS     1 hash   2 list   3 index
-- ARGV     1 body, then pairs of name and value:
--          type, contentType, topic     as the delivery headers
--          traceparent, tracestate      of W3C Trace Context, from the node
--          ttl                          seconds; 0: only if a receiver is present
--          idempotencyKey               a repeat within ten minutes answers the first one's id
--          digest                       SHA-1 of the body in hex, wanted with idempotencyKey
--          nonce, generation            16 hex digits each, from the node's own randomness
-- returns  outcome, generation, sequence, present (0/1), expires (ms since 1970), seconds this message was given; and,
--          to a node, what left (see left_of)
--          outcome: stored | replayed | absent (ttl 0, nobody there) | full | conflict (the key with another body)

local body = ARGV[1]
local option = {}
for i = 2, #ARGV, 2 do option[ARGV[i]] = ARGV[i + 1] end

local now = now_ms()
local s = read_state(KEYS, now, option.generation)
local present = is_present(s) and 1 or 0

local key = option.idempotencyKey
if key then
  local known = redis.call('HGET', KEYS[3], 'key:' .. key)
  if known then
    local till, digest, generation, sequence, expires, ttl =
      string.match(known, '^(%d+) (%x+) (%x+) (%d+) (%d+) (%-?%d+)$')
    if till and tonumber(till) > now then
      if digest ~= option.digest then return { 'conflict', generation, tonumber(sequence), present, 0, -1 } end
      return { 'replayed', generation, tonumber(sequence), present, tonumber(expires), tonumber(ttl) }
    end
  end
end

local ttl = tonumber(option.ttl or '') or -1
local expires = 0
if ttl == 0 then
  if present == 0 then return { 'absent', s.generation, 0, 0, 0, 0 } end
  expires = now + 5000 -- a receiver is there: long enough for its wake, short enough to be "now or never"
elseif ttl > 0 then
  ttl = math.min(ttl, math.floor(s.timeToLive / 1000))
  expires = now + ttl * 1000
end

local header = { '\1{"nonce":"', option.nonce, '","time":', string.format('%.0f', now) }
if expires > 0 then header[#header + 1] = ',"expires":' .. string.format('%.0f', expires) end
if option.type then header[#header + 1] = ',"type":"' .. option.type .. '"' end
if option.topic then header[#header + 1] = ',"topic":"' .. option.topic .. '"' end
if option.contentType then header[#header + 1] = ',"contentType":' .. cjson.encode(option.contentType) end
for _, name in ipairs({ 'traceparent', 'tracestate' }) do
  if option[name] then header[#header + 1] = ',"' .. name .. '":' .. cjson.encode(option[name]) end
end
header[#header + 1] = '}\n'
header[#header + 1] = body
local entry = table.concat(header)

-- RFC 8030 section 5.4: the message that this one replaces, if no receiver was sent it yet.
local replaced, replaced_entry
if option.topic then
  local at = redis.call('HGET', KEYS[3], 'topic:' .. option.topic)
  local generation, sequence = string.match(at or '', '^(%x+) (%d+)$')
  sequence = tonumber(sequence or '') or 0
  if generation and names(s, generation, sequence) and sequence > s.sent and sequence >= s.first and sequence <= s.last then
    local older = entry_at(s, sequence)
    if not is_tombstone(older) then replaced, replaced_entry = sequence, older end
  end
end

local freed_count = replaced and 1 or 0
local freed_bytes = replaced and weight_of(replaced_entry) or 0
local function fits()
  return live_count(s) + 1 - freed_count <= s.maxMessages and s.bytes + #entry - freed_bytes <= s.maxBytes
    and not is_clogged(s)
end

if not fits() then
  -- What has expired goes first, then what was flushed and only waits for a resume.
  find_expired(s)
  if replaced and s.marks[replaced] then replaced, freed_count, freed_bytes = nil, 0, 0 end
  while not fits() and s.first <= s.flushed and s.first <= s.last do remove_through(s, s.first, 'windowed') end
  if not fits() and (s.overflow ~= 'dropOldest' or #entry > s.maxBytes) then
    begin_writes(s)
    tidy(s)
    save(s)
    return { 'full', s.generation, 0, present, 0, -1, left_of(s) }
  end
end

local generation, before, check_before = s.generation, s.last, s.lastCheck
redis.call('RPUSH', KEYS[2], entry)
s.last, s.lastCheck, s.bytes = s.last + 1, option.nonce, s.bytes + #entry
if expires > 0 and (s.soonest == 0 or expires < s.soonest) then s.soonest = expires end
if replaced and replaced >= s.first then mark_removed(s, replaced, replaced_entry, 'topic') end
tidy(s)
local carried
if s.last == before + 1 and s.generation == generation and may_carry(s, entry) then
  s.sent = s.last
  carried = string.format('\2%.0f %s %s %.0f %s\n', s.epoch, s.owner, generation, s.last,
    check_before ~= '' and check_before or NO_IDENTIFIER) .. entry
end
save(s)

-- `tidy` may have given what was not sent fresh sequences; the newest is always the last.
expires = expires > 0 and math.min(expires, s.deadline) or s.deadline
if option.topic or key then
  if option.topic then redis.call('HSET', KEYS[3], 'topic:' .. option.topic, s.generation .. ' ' .. s.last) end
  if key then
    redis.call('HSET', KEYS[3], 'key:' .. key, string.format('%.0f %s %s %.0f %.0f %d', now + 600000, option.digest,
      s.generation, s.last, expires, ttl))
  end
  bound_index(s)
end
wake(s, carried)
return { 'stored', s.generation, s.last, present, expires, ttl, left_of(s) }
