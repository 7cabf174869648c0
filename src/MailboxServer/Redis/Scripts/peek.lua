-- Reads without taking: for `GET …/messages` and for one message by its id.
--
-- KEYS     1 hash   2 list   3 index
-- ARGV     1 generation ('' for whichever is current)   2 after this sequence   3 the most entries   4 the most bytes
--          5 a fresh generation   6 the sequence that the generation must still name
-- returns  outcome, now (ms), generation, sequence of the first entry, sent, more (0/1), entries …
--          outcome: peeked | none (no such mailbox) | stale (the generation is over)

local most_bytes = tonumber(ARGV[4])
local s = read_state(KEYS, now_ms(), ARGV[5])
if s.missing and s.length == 0 then return { 'none' } end
if ARGV[1] ~= '' and not names(s, ARGV[1], tonumber(ARGV[6])) then return { 'stale' } end

begin_writes(s)
tidy(s)
save(s)

local from = math.max(tonumber(ARGV[2]) + 1, s.first)
local reply, bytes, at = { 'peeked', s.now, s.generation, from, s.sent, 0 }, 0, from
while at <= s.last and at - from < tonumber(ARGV[3]) do
  local entry = entry_at(s, at)
  if #entry > DEFAULTS.maxEntryBytes then entry = tombstone_of(entry, 'malformed') end
  bytes = bytes + #entry
  if at > from and bytes > most_bytes then break end
  reply[#reply + 1] = entry
  at = at + 1
end
if at <= s.last then reply[6] = 1 end
return reply
