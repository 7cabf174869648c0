-- Shared by the scripts of a mailbox: what a generation and a sequence stand for, and whether they still do.
--
-- KEYS     of the state `s` of one mailbox, see state.lua: 1 hash
-- gives    look and adopt: what somebody else has changed; find_place: whether a position holds, and a new generation where not

local FORMER_GENERATIONS = 4

-- The lineage of this server's data, '' when it does not tell: Redis takes a new replication id whenever it starts or is
-- promoted, which is whenever it may have less than what was answered before.
local function lineage()
  local info = redis.pcall('INFO', 'replication')
  local at = type(info) == 'string' and string.find(info, 'master_replid:', 1, true)
  local era = at and string.match(info, '^%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x', at + 14)
  return era and era ~= NO_IDENTIFIER and era or ''
end

-- What the generations before this one still name: `former` is this generation, then `generation:sequence` of each, newest
-- first. That of an older generation means nothing.
local function former_of(s)
  local former = s.former or redis.call('HGET', s.keys[1], 'former') or ''
  return string.sub(former, 1, 16) == s.generation and string.sub(former, 17) or ''
end

-- Does this name, of the present or of a former generation, still stand for what it stood for?
local function names(s, generation, sequence)
  if generation == s.generation then return true end
  local through = #generation == 16 and string.match(former_of(s), ' ' .. generation .. ':(%d+)')
  return through and sequence <= tonumber(through) or false
end

-- Presence was told to the server before this one, which may have lost a takeover: the client of the receiver that is in the
-- hash was sent away then, and the other must not be refused for it. Who is there says so again with its next take.
local function enter_era(s, era)
  if s.era ~= '' and s.era ~= era then s.lease = 0 end
  s.era = era
end

-- Is this still the server that the names were given on? One that crashed or was promoted may have lost the newest, with
-- ids that senders were answered. So a new generation begins that keeps the numbering: what was kept may be called by its
-- old name up to here, what was lost keeps its own for ever, and a receiver is told when it shows a former position.
--
-- It is sound without an agreement between nodes: the server is asked about itself, by the script that writes. Every
-- script looks before anything gets a name. Take, ack and leave give none, and are too many to ask each time: they look
-- when a position does not hold, when a bare delivery is to be named, and when there is nothing to take.
local function look(s)
  if s.looked then return end
  s.looked = true
  local era = lineage()
  if era == '' or era == s.era then return end
  if s.era ~= '' then
    local former, count = ' ' .. s.generation .. ':' .. string.format('%.0f', s.last), 1
    for one in string.gmatch(former_of(s), ' %x+:%d+') do
      count = count + 1
      if count <= FORMER_GENERATIONS then former = former .. one end
    end
    s.generation, s.former, s.untold = s.spare, s.spare .. former, s.spare
  end
  enter_era(s, era)
end

-- Takes entries last+1 … of the list into the counts: bare deliveries, or all of them in a new generation.
local function adopt(s, length)
  local tail = s.base + length - 1
  if tail > s.last then look(s) end
  local keep = tail - s.maxMessages
  if keep > s.last and keep - s.last > s.maxMessages then
    -- More than twice the limit was pushed: what will be dropped anyway is not read.
    s.check = check_of(entry_at(s, keep))
    s.first, s.last, s.bytes, s.tombstones, s.soonest, s.dropped = keep + 1, keep, 0, 0, 0, keep
  end
  while s.last < tail do
    local entries = entries_at(s, s.last + 1, math.min(tail, s.last + CHUNK))
    for _, entry in ipairs(entries) do
      if is_tombstone(entry) then
        s.tombstones = s.tombstones + 1
      else
        s.bytes = s.bytes + weight_of(entry)
        local expiry = expiry_of(entry)
        if expiry and (s.soonest == 0 or expiry < s.soonest) then s.soonest = expiry end
      end
    end
    s.last = s.last + #entries
    s.lastCheck = check_of(entries[#entries])
  end
end

-- What was named before can no longer be told from what is there: everything kept gets a new name, from 1.
local function start_generation(s)
  enter_era(s, lineage())
  s.generation, s.looked, s.former = s.spare, true, nil
  s.base, s.first, s.check, s.last, s.lastCheck, s.verified = 1, 1, '', 0, '', 0
  s.sent, s.flushed, s.bytes, s.tombstones, s.soonest = 0, 0, 0, 0, 0
  s.dropped, s.windowed, s.acked, s.malformed = 0, 0, 0, 0
  s.marks = {}
  adopt(s, s.length)
end

-- Does this position still name what it named when the receiver was given it? One below what is kept cannot be
-- verified: it gets a gap. A shared watcher may be ahead of `sent`, and so may one from before a failover that lost that
-- of the newest take.
local function holds(s, generation, sequence, check, shared)
  if not names(s, generation, sequence) then return false end
  local ahead = shared or generation ~= s.generation
  if sequence > (ahead and s.last or math.max(s.sent, s.first - 1)) then return false end
  if sequence >= s.first then
    return check == (sequence == s.verified and s.verified_check or check_of(entry_at(s, sequence)))
  end
  if sequence == s.first - 1 then return s.check == '' or s.check == check end
  return true
end

-- Finds a receiver's place. Returns why it is reset: '' when it is not, 'failover' when it stays where it is under the new
-- generation's name, 'lost' when it begins anew.
local function find_place(s, generation, sequence, check, shared)
  local is_held = holds(s, generation, sequence, check, shared)
  if not is_held and not s.looked then
    look(s)
    is_held = holds(s, generation, sequence, check, shared)
  end
  if not is_held then
    -- Another generation is another already; a position that this one cannot honour makes one.
    if generation == s.generation then start_generation(s) end
    if not shared then s.untold = '' end
    return 'lost'
  end
  if generation == s.generation then return '' end
  if not shared then s.untold, s.sent = '', math.max(s.sent, sequence) end
  return 'failover'
end
