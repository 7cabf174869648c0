-- Shared by the scripts of a mailbox: how messages leave, and how the list is brought within its limits.
--
-- KEYS     of the state `s` of one mailbox, see state.lua: 2 list   3 index
-- gives    remove_through, note_flushed, mark_removed: in memory; `tidy` writes the list, and `left_of` says what left

-- How many left in this script, by reason: `acked 3 expired 1`, or '' for none. The node counts them.
local function note_left(s, reason)
  s.left = s.left or {}
  s.left[reason] = (s.left[reason] or 0) + 1
end

local function left_of(s)
  local left = {}
  for reason, count in pairs(s.left or left) do left[#left + 1] = reason .. ' ' .. string.format('%d', count) end
  return table.concat(left, ' ')
end

-- Takes entries first … sequence out of the counts; `tidy` takes them out of the list.
local function remove_through(s, sequence, reason)
  if sequence < s.first then return end
  while s.first <= sequence do
    local entries = entries_at(s, s.first, math.min(sequence, s.first + CHUNK - 1))
    for i, entry in ipairs(entries) do
      local at = s.first + i - 1
      if s.marks[at] or is_tombstone(entry) then
        s.tombstones, s.marks[at] = s.tombstones - 1, nil
      else
        s.bytes = s.bytes - weight_of(entry)
        note_left(s, reason)
      end
    end
    s.first = s.first + #entries
    s.check = check_of(entries[#entries])
  end
  s[reason] = sequence
end

-- Written to a receiver that does not acknowledge: the newest stay for its resume, older ones go. Only what is new moves
-- the window, so that a receiver that comes back and reads old ones again is not outrun by itself.
local function note_flushed(s, sequence)
  if sequence <= s.flushed then return end
  s.flushed = sequence
  remove_through(s, sequence - DEFAULTS.resumeLength, 'windowed')
end

-- One message leaves from the middle. Its tombstone keeps its check, so that a position on it still holds.
local function mark_removed(s, sequence, entry, reason)
  if s.marks[sequence] then return end -- expired, and replaced by its topic in the same script: it leaves once
  note_left(s, reason)
  s.tombstones = s.tombstones + 1
  s.bytes = s.bytes - weight_of(entry)
  s.marks[sequence] = tombstone_of(entry, reason)
end

-- Finds what has outlived its own expiry. At most every 100 ms, as it reads the whole list.
local function find_expired(s)
  if s.soonest == 0 or s.now < s.soonest then return end
  local next_expiry = 0
  local from = s.first
  while from <= s.last do
    local entries = entries_at(s, from, math.min(s.last, from + CHUNK - 1))
    if #entries == 0 then break end
    for i, entry in ipairs(entries) do
      local expiry = expiry_of(entry)
      if expiry and expiry <= s.now then
        mark_removed(s, from + i - 1, entry, 'expired')
      elseif expiry and (next_expiry == 0 or expiry < next_expiry) then
        next_expiry = expiry
      end
    end
    from = from + #entries
  end
  if next_expiry > 0 then next_expiry = math.max(next_expiry, s.now + 100) end
  s.soonest = next_expiry
end

-- Tombstones between what was sent and not yet removed and what waits cannot be taken out of the numbering.
local function is_clogged(s)
  return s.tombstones > s.maxMessages and s.sent >= s.first
end

-- With `reject` a clogged mailbox refuses deliveries; bare ones that are taken back again still grow it.
local function is_over(s)
  return live_count(s) > s.maxMessages or s.bytes > s.maxBytes
    or (is_clogged(s) and (s.overflow == 'dropOldest' or s.tombstones > 2 * s.maxMessages))
end

-- What a bare delivery pushed over the limits, and what `dropOldest` makes room from: oldest first, always announced.
local function drop_oldest(s)
  while is_over(s) and s.first <= s.last do
    remove_through(s, s.first, s.first <= s.flushed and 'windowed' or 'dropped')
  end
end

local function trim_head_tombstones(s)
  while s.tombstones > 0 and s.first <= s.last do
    local entries = entries_at(s, s.first, math.min(s.last, s.first + CHUNK - 1))
    for _, entry in ipairs(entries) do
      if not is_tombstone(entry) then return end
      note_malformed(s, entry, s.first)
      s.check = check_of(entry)
      s.first, s.tombstones = s.first + 1, s.tombstones - 1
    end
  end
end

-- When tombstones outnumber the limit: what nobody was sent yet is appended again, at fresh sequences. (By a script that
-- has looked whether they are fresh.)
local function renumber_unsent(s)
  if not s.looked or s.tombstones <= s.maxMessages or s.sent >= s.first then return end
  local live, from, old_last = {}, s.first, s.last
  while from <= s.last do
    local entries = entries_at(s, from, math.min(s.last, from + CHUNK - 1))
    for i, entry in ipairs(entries) do
      if is_tombstone(entry) then note_malformed(s, entry, from + i - 1) else live[#live + 1] = entry end
    end
    from = from + #entries
  end
  s.first, s.check, s.tombstones = old_last + 1, s.lastCheck, 0
  for _, entry in ipairs(live) do
    redis.call('RPUSH', s.keys[2], entry)
    s.last, s.lastCheck = s.last + 1, check_of(entry)
    local topic = string.match(entry, '^\1[^\n]-"topic":"([^"]*)"') -- a bare body may look like a header
    if topic then
      redis.call('HSET', s.keys[3], 'topic:' .. topic, s.generation .. ' ' .. s.last)
      redis.call('PEXPIREAT', s.keys[3], s.deadline) -- the index may have been lost, and comes to be here
    end
  end
end

-- The first `LTRIM` and `LSET` come after the script's first write; both work on a full Redis.
local function tidy(s)
  find_expired(s)
  for sequence, tombstone in pairs(s.marks) do redis.call('LSET', s.keys[2], sequence - s.base, tombstone) end
  s.marks = {}
  drop_oldest(s)
  trim_head_tombstones(s)
  renumber_unsent(s)
  if s.first > s.base then
    redis.call('LTRIM', s.keys[2], s.first - s.base, -1)
    s.base = s.first
  end
  if s.last < s.first then s.bytes, s.tombstones, s.soonest = 0, 0, 0 end
end
