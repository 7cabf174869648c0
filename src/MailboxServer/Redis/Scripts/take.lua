-- Reads what comes after a session's place. Writes `sent` before it answers; tells what was flushed before.
--
-- KEYS     1 hash   2 list   3 index
-- ARGV     1 mode: receiver | shared   2 epoch   3 owner token   4 lease, ms   5 a fresh generation
--          6 generation   7 sequence   8 check, of the session's place
--          9 ack: none (what came before the place was flushed) | client
--          10 window: the most messages in flight, 0 for any   11 where this session began: not in flight
--          12 the most entries   13 the most bytes (one entry always goes)
-- returns  outcome, now (ms), generation, sequence, check, reset, gap from, gap to, gap reason, again (0/1),
--          what left (see left_of), entries sequence+1 …
--          reset: '' for none, lost | failover
--          again: there is more, or the mailbox is half full of what only waits to be told as flushed
--          outcome: taken | reopen (Redis lost the epoch) | replaced, with the present receiver as second value

local shared, epoch, owner, lease, spare = ARGV[1] == 'shared', tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4]), ARGV[5]
local generation, sequence, check = ARGV[6], tonumber(ARGV[7]), ARGV[8]
local acks, window, began = ARGV[9] == 'client', tonumber(ARGV[10]), tonumber(ARGV[11])
local most_entries, most_bytes = tonumber(ARGV[12]), tonumber(ARGV[13])

local now = now_ms()
local s = read_state(KEYS, now, spare, true)

if not shared then
  if s.epoch < epoch then return { 'reopen' } end
  if s.epoch > epoch or s.owner ~= owner then return { 'replaced', s.receiver } end
end

if sequence >= s.last then look(s) end
begin_writes(s)
local reset = find_place(s, generation, sequence, check, shared)
if reset == 'lost' then
  sequence, began = s.first - 1, 0
elseif not shared then
  -- A take follows what its open told: nobody is told that again.
  s.sent = math.max(s.sent, sequence)
  if sequence == began and redis.call('HGET', KEYS[1], 'untold') == s.generation then s.untold = '' end
  if not acks then note_flushed(s, sequence) end
end
if not shared then renew(s, lease) end
tidy(s)

local from, to, reason = gap_after(s, sequence)
if sequence < s.first then sequence, check = s.first - 1, s.check end

local room = most_entries
if window > 0 then
  local from = math.max(s.first - 1, began)
  local in_flight = sequence - from
  -- What left before its client saw it cannot be acknowledged, so it must not fill the window for ever.
  if in_flight >= window and s.tombstones > 0 then in_flight = live_between(s, from + 1, sequence) end
  room = math.min(room, window - in_flight)
end
local entries = {}
if room > 0 and sequence < s.last then
  -- As many as the byte limit lets expect; what is over after all stays for the next take.
  local average = math.max(1, s.bytes / math.max(1, live_count(s)))
  local expected = math.max(1, math.min(room, math.floor(most_bytes / average)))
  local bytes = 0
  for i, entry in ipairs(entries_at(s, sequence + 1, sequence + expected)) do
    if #entry > DEFAULTS.maxEntryBytes then
      local stub = tombstone_of(entry, 'malformed')
      redis.call('LSET', KEYS[2], sequence + i - s.base, stub)
      s.tombstones, entry = s.tombstones + 1, stub
    end
    bytes = bytes + #entry
    if i > 1 and bytes > most_bytes then break end
    entries[i] = entry
  end
end
local upto = sequence + #entries
if not shared and upto > s.sent then s.sent = upto end
save(s)

local unflushed = acks and 0 or upto - math.max(s.flushed, s.first - 1)
local again = upto < s.last or unflushed > s.maxMessages / 2 or (unflushed > 0 and s.bytes > s.maxBytes / 2)
local reply = { 'taken', now, s.generation, sequence, check, reset, from, to, reason, again and 1 or 0, left_of(s) }
for i = 1, #entries do reply[11 + i] = entries[i] end
return reply
