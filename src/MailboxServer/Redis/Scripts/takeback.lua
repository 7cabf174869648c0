-- Takes one message back, or puts what is no message in quarantine: it leaves, and a tombstone keeps its check for
-- whoever stands on it.
--
-- KEYS     1 hash   2 list   3 index
-- ARGV     1 generation   2 sequence   3 a fresh generation   4 reason: takenBack | malformed
-- returns  1 when it was there, else 0

local sequence = tonumber(ARGV[2])
local s = read_state(KEYS, now_ms(), ARGV[3])
if s.missing or not names(s, ARGV[1], sequence) or sequence < s.first or sequence > s.last then return 0 end
local entry = entry_at(s, sequence)
if is_tombstone(entry) then return 0 end
local expiry = expiry_of(entry)
if expiry and expiry <= s.now then return 0 end

begin_writes(s)
mark_removed(s, sequence, entry, ARGV[4])
tidy(s)
save(s)
wake(s) -- it is not in flight any more: a full window has room
return 1
