-- Shared by the scripts of a mailbox: what Redis holds of one mailbox, read once, verified, changed in memory, written once.
--
-- KEYS     1 the mailbox's hash   2 its list of entries   3 its index (idempotency keys and topics)
-- DEFAULTS the node's settings: maxMessages, maxBytes, maxMessageBytes, maxEntryBytes, overflow, timeToLive (ms), resumeLength
--
-- A script reads with `read_state` (no write), then begins its writes: `deliver` with its RPUSH, so that it cannot slip
-- past maxmemory; every other script with `begin_writes`, whose PEXPIREAT lets the rest go on when Redis is full.
-- `tidy` then brings the list within its limits, and `save` writes the hash and the one deadline of all keys.
--
-- Sequence = first + index. While a script runs, `base` is the sequence of the list's head in Redis and `first` what
-- it will be: `tidy` trims the difference.

-- Identifiers, then the limits, then numbers.
local FIELDS = { 'generation', 'era', 'check', 'lastCheck', 'owner', 'receiver', 'limits',
  'first', 'last', 'sent', 'flushed', 'bytes', 'tombstones', 'soonest', 'deadline', 'epoch', 'lease', 'window' }
local LIMITS = 7
-- The highest sequence that left for each reason that a gap tells. Written when it changes, read only for a gap.
local REASONS = { 'dropped', 'windowed', 'acked', 'malformed' }
-- Written when Redis is found to be another: what the generations before still name, and that nobody was told yet.
local RARE = { 'dropped', 'windowed', 'acked', 'malformed', 'former', 'untold' }

local LONGEST_LIFE = 365 * 24 * 3600 * 1000

-- What no script wrote, and what therefore nothing can be told from: said before anything is changed.
local function conflict(what)
  error('MAILBOX conflict ' .. what, 0)
end

-- A whole number from `least` on. (An engine may hand numbers back as 1.0.)
local function whole(what, value, least)
  local number = tonumber(value)
  if not number or not (number >= least and number <= LARGEST) then conflict(what) end
  local floor = math.floor(number)
  if number ~= floor then conflict(what) end
  return floor
end

local function now_ms()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

-- A mailbox's own limits, as JSON; what is absent is the node's. (Lua 5.4 decodes whole numbers as floats.)
local function use_limits(s, json)
  local decoded, own = pcall(cjson.decode, json)
  if not decoded or type(own) ~= 'table' then conflict('limits') end
  for _, name in ipairs({ 'maxMessages', 'maxBytes', 'timeToLive' }) do
    s[name] = own[name] == nil and DEFAULTS[name] or type(own[name]) == 'number' and whole('limits', own[name], 1) or conflict('limits')
  end
  s.timeToLive = math.min(s.timeToLive, LONGEST_LIFE)
  s.overflow = own.overflow == nil and DEFAULTS.overflow or own.overflow
  if s.overflow ~= 'reject' and s.overflow ~= 'dropOldest' then conflict('limits') end
end

-- `in_haste`: take, ack and leave, see `look`.
local function read_state(keys, now, spare_generation, in_haste)
  local values = redis.call('HMGET', keys[1], unpack(FIELDS))
  -- All fields at once, as a table that grows is built anew each time that it doubles. `verified` is the sequence whose
  -- entry was read and has `verified_check`.
  local s = {
    keys = keys, now = now, spare = spare_generation, before = values, marks = {}, looked = false,
    generation = '', era = '', check = '', lastCheck = '', owner = '', receiver = '', limits = '',
    first = 0, last = 0, sent = 0, flushed = 0, bytes = 0, tombstones = 0, soonest = 0, deadline = 0, epoch = 0, lease = 0, window = 0,
    maxMessages = DEFAULTS.maxMessages, maxBytes = DEFAULTS.maxBytes, overflow = DEFAULTS.overflow, timeToLive = DEFAULTS.timeToLive,
    length = 0, base = 0, missing = false, verified = 0, verified_check = '',
  }
  for i = 1, #FIELDS do
    local name, value = FIELDS[i], values[i]
    if not value then
      value = s[name]
    elseif i > LIMITS then
      -- Two counts may fall below zero when somebody changes entries by hand, or the size limit changes.
      local is_count = name == 'bytes' or name == 'tombstones'
      value = whole(name, value, is_count and -LARGEST or 0)
      if value < 0 then value = 0 end
    elseif i < LIMITS and value ~= '' and (#value ~= 16 or string.find(value, '[^0-9a-f]') or value == NO_IDENTIFIER) then
      conflict(name)
    end
    s[name], values[i] = value, value
  end

  if s.limits ~= '' then
    use_limits(s, s.limits)
  end

  s.length = redis.call('LLEN', keys[2])
  s.base = s.first
  s.missing = s.generation == ''
  if s.deadline <= now then
    -- A new mailbox; or a hash that somebody restored without its expiry: what is stored now must not be gone at once.
    s.deadline, s.renewed = now + s.timeToLive, true
  end
  if s.missing then
    start_generation(s)
  elseif s.first < 1 or s.last < s.first - 1 or s.sent > s.last or s.flushed > s.last then
    conflict('sequences')
  else
    local newest = s.last >= s.first and entry_at(s, s.last)
    if s.last >= s.first and (not newest or check_of(newest) ~= s.lastCheck) then
      start_generation(s) -- the list was lost, whether or not it was filled again
    else
      s.verified, s.verified_check = s.last, s.lastCheck
      if not in_haste then look(s) end
      adopt(s, s.length)
    end
  end
  return s
end

-- A mailbox that is not there has nothing to drain, so it does not come to be on a full Redis: HSET is refused there.
local function begin_writes(s)
  if s.missing and s.length == 0 then redis.call('HSET', s.keys[1], 'generation', s.generation) end
  redis.call('PEXPIREAT', s.keys[1], s.deadline)
end

local function is_present(s)
  return s.receiver ~= '' and s.lease > s.now
end

local function live_count(s)
  return s.last - s.first + 1 - s.tombstones
end

local function live_between(s, from, to)
  local live = 0
  while from <= to do
    local entries = entries_at(s, from, math.min(to, from + CHUNK - 1))
    for _, entry in ipairs(entries) do
      if not is_tombstone(entry) then live = live + 1 end
    end
    from = from + CHUNK
  end
  return live
end

local function save(s)
  local changes = {}
  for i, name in ipairs(FIELDS) do
    if s[name] ~= s.before[i] then
      changes[#changes + 1] = name
      changes[#changes + 1] = i > LIMITS and string.format('%d', s[name]) or s[name]
    end
  end
  for _, name in ipairs(RARE) do
    if s[name] then
      changes[#changes + 1] = name
      changes[#changes + 1] = s[name]
    end
  end
  if #changes > 0 then redis.call('HSET', s.keys[1], unpack(changes)) end
  -- A bare delivery's EXPIRE may have set an earlier end; a new list has none.
  redis.call('PEXPIREAT', s.keys[2], s.deadline)
  if s.renewed then
    redis.call('PEXPIREAT', s.keys[1], s.deadline)
    redis.call('PEXPIREAT', s.keys[3], s.deadline)
  end
end

local function wake(s, carried)
  redis.call('PUBLISH', s.keys[1] .. ':wake', carried or '1')
end

-- May the wake of the newest entry carry it? When a session stands right before it, with room for it: then it has nothing
-- to take. The session compares what it is given with its own place and fence, and takes when they differ.
local function may_carry(s, entry)
  if s.owner == '' or not is_present(s) or s.sent ~= s.last - 1 or #entry > MOST_CARRIED_BYTES then return false end
  if s.window > 0 then return s.last - s.first < s.window end
  -- What was flushed is told with a take: it must not wait until the mailbox is full.
  return s.last - math.max(s.flushed, s.first - 1) <= math.min(MOST_CARRIED, s.maxMessages / 2) and s.bytes <= s.maxBytes / 2
end

-- The receiver is there: its lease and the mailbox's life are renewed, not with every take, but so that both outlast the
-- next sweep (two heartbeats and a half at most, of a lease of three). However short the mailbox's own life is, it does
-- not end under its receiver.
local function renew(s, lease)
  local life = math.max(s.timeToLive, lease)
  if s.lease - s.now < lease * 5 / 6 then s.lease = s.now + lease end
  if s.deadline - s.now < math.max(life * 2 / 3, lease * 5 / 6) then
    s.deadline, s.renewed = s.now + life, true
  end
end

-- What left between this position and what is kept: from, to and the reason, or 0, 0, '' when it left quietly.
local function gap_after(s, sequence)
  if sequence >= s.first - 1 then return 0, 0, '' end
  local kept = redis.call('HMGET', s.keys[1], unpack(REASONS))
  local names = { 'dropped', 'window', 'acknowledged', 'malformed' }
  for i, reason in ipairs(REASONS) do
    local highest = s[reason] or tonumber(kept[i] or '') or 0 -- junk explains nothing
    if highest > sequence then return sequence + 1, s.first - 1, names[i] end
  end
  return 0, 0, ''
end
