-- The next part of a group's work for the node that has it: it notes what became of the members that it reached, and answers who
-- comes next. Takes the work for that node when nobody has it, or when who had it has not been heard of for its lease.
--
-- KEYS     1 state   2 members   3 outbox   4 index   5 deliveries   6 round   7 results
-- ARGV     1 the node, 16 hex digits   2 lease (ms)   3 members at once   4 an id for a bare body   5 life of the keys (ms)
--          6 the delivery whose members were reached; '' for none   7 how many there were to reach before   8 how many were
--          9-13 of these: delivered, waiting, full, failed, absent   14 why the delivery is given up, '' when it is not
--          15 a page of results, '' for none
-- returns  none (nothing waits) | busy, ms (another node has it) | lost (it is not this node's any more)
--          | done, id (of the delivery that ended)
--          | members, id, how many there are to reach, now (ms since 1970), entry ('' if 6 is given), names

local now = now_ms()
local kept = redis.call('HMGET', KEYS[1], 'owner', 'lease', 'id', 'first', 'bytes', 'tombstones')
local lease, under_way = number_of(kept[2]), kept[3] or ''
if kept[1] and kept[1] ~= ARGV[1] and lease > now then return ARGV[6] == '' and { 'busy', lease - now } or { 'lost' } end
local done = ARGV[6]
if done ~= '' and (kept[1] ~= ARGV[1] or under_way ~= done or redis.call('ZCARD', KEYS[6]) ~= tonumber(ARGV[7])) then
  return { 'lost' }
end

local first = math.max(1, number_of(kept[4]))
local function pop(entry)
  redis.call('LPOP', KEYS[3])
  first = first + 1
  local is_gone = is_tombstone(entry)
  redis.call('HSET', KEYS[1], 'first', first, 'tombstones', math.max(0, number_of(kept[6]) - (is_gone and 1 or 0)),
    'bytes', math.max(0, number_of(kept[5]) - (is_gone and 0 or #entry)))
  kept = redis.call('HMGET', KEYS[1], 'owner', 'lease', 'id', 'first', 'bytes', 'tombstones')
end

-- The members remember the sender's key from when they were reached. Who used it anew after the group forgot it, and before they
-- did, would be told that it is delivered, and they would take it for a repeat.
local function outlast_members(entry, now)
  local read, header = pcall(cjson.decode, string.match(entry, '^\1([^\n]*)') or '')
  local key = read and type(header) == 'table' and type(header.key) == 'string' and 'key:' .. header.key
  local known = key and redis.call('HGET', KEYS[4], key)
  local rest = known and string.match(known, '^%d+( %x+ %x+)$')
  if rest and string.sub(rest, -16) == under_way then redis.call('HSET', KEYS[4], key, text_of(now + TEN_MINUTES) .. rest) end
end

local head = redis.call('LINDEX', KEYS[3], 0)
if under_way ~= '' and not (head and id_of(head) == under_way) then
  -- The outbox was removed under it.
  redis.call('HDEL', KEYS[1], 'id')
  redis.call('DEL', KEYS[6])
  if done ~= '' then return { 'lost' } end
  under_way = ''
end
while head and under_way == '' and is_tombstone(head) do
  pop(head)
  head = redis.call('LINDEX', KEYS[3], 0)
end
if not head then
  redis.call('HDEL', KEYS[1], 'owner', 'lease', 'id')
  return { 'none' }
end

-- A write that a full Redis refuses: then nothing has changed.
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'lease', text_of(now + tonumber(ARGV[2])))

if under_way == '' then
  local id = id_of(head)
  if not id then
    id = ARGV[4]
    head = '\1{"nonce":"' .. id .. '","time":' .. text_of(now) .. '}\n' .. head
    redis.call('LSET', KEYS[3], 0, head)
    redis.call('HSET', KEYS[1], 'bytes', number_of(kept[5]) + #head)
    kept[5] = number_of(kept[5]) + #head
  end
  under_way = id
  local topic = topic_of(head)
  if topic and string.sub(redis.call('HGET', KEYS[4], 'topic:' .. topic) or '', -16) == id then
    redis.call('HDEL', KEYS[4], 'topic:' .. topic)
  end
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', text_of(now))
  redis.call('ZUNIONSTORE', KEYS[6], 1, KEYS[2])
  redis.call('HSET', KEYS[1], 'id', id, 'delivered', 0, 'waiting', 0, 'full', 0, 'failed', 0, 'absent', 0)
  record(id, now, 'underway', redis.call('ZCARD', KEYS[6]))
  keep(ARGV[5])
end

if done ~= '' then
  if tonumber(ARGV[8]) > 0 then redis.call('ZREMRANGEBYRANK', KEYS[6], 0, tonumber(ARGV[8]) - 1) end
  for i, what in ipairs({ 'delivered', 'waiting', 'full', 'failed', 'absent' }) do
    if ARGV[8 + i] ~= '0' then redis.call('HINCRBY', KEYS[1], what, ARGV[8 + i]) end
  end
  if ARGV[15] ~= '' then
    redis.call('RPUSH', KEYS[7], under_way .. '\n' .. ARGV[15])
    redis.call('LTRIM', KEYS[7], -KEPT_PAGES, -1)
    redis.call('PEXPIRE', KEYS[7], TEN_MINUTES)
  end
end

-- Who has left, or whose time is over, since this delivery began is passed over.
local names = {}
while #names == 0 and ARGV[14] == '' do
  local page = redis.call('ZRANGE', KEYS[6], 0, tonumber(ARGV[3]) - 1)
  if #page == 0 then break end
  local ends, left = redis.call('ZMSCORE', KEYS[2], unpack(page)), {}
  for i, name in ipairs(page) do
    local score = ends[i]
    if score and (score == 'inf' or tonumber(score) > now) then names[#names + 1] = name else left[#left + 1] = name end
  end
  if #left > 0 then redis.call('ZREM', KEYS[6], unpack(left)) end
end

if #names == 0 then
  local tally = redis.call('HMGET', KEYS[1], 'delivered', 'waiting', 'full', 'failed', 'absent')
  local members, all = 0, {}
  for i = 1, 5 do
    members = members + number_of(tally[i])
    all[i] = text_of(number_of(tally[i]))
  end
  record(under_way, now, ARGV[14] == '' and 'done' or ARGV[14], text_of(members), table.concat(all, ' '))
  bound(KEYS[5], now)
  outlast_members(head, now)
  pop(head)
  redis.call('HDEL', KEYS[1], 'id')
  redis.call('DEL', KEYS[6])
  return { 'done', under_way }
end

local answer = { 'members', under_way, redis.call('ZCARD', KEYS[6]), now, done == '' and head or '' }
for _, name in ipairs(names) do answer[#answer + 1] = name end
return answer
