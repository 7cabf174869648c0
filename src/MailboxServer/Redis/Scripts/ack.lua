-- The receiver has everything up to its cursor: those messages leave.
--
-- KEYS     1 hash   2 list   3 index
-- ARGV     1 generation   2 sequence   3 check   4 receiver, of the cursor   5 a fresh generation
-- returns  acked and what left (see left_of; also when repeated) | receiver (another is the current one) | beyond (never sent) | stale (the
--          position does not hold any more: the receiver's stream will tell by a reset)

local generation, sequence, check, receiver = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]

local s = read_state(KEYS, now_ms(), ARGV[5], true)
if s.receiver ~= receiver then return 'receiver' end
if sequence >= s.first and not holds(s, generation, sequence, check, false) then look(s) end
if generation == s.generation then
  if sequence < s.first then return 'acked' end
  if sequence > s.sent then return 'beyond' end
end
if not holds(s, generation, sequence, check, false) then return 'stale' end
if sequence < s.first then return 'acked' end

local kept = s.last - s.first + 1
begin_writes(s)
s.sent = math.max(s.sent, sequence) -- in a former generation, what was sent may have been lost
remove_through(s, sequence, 'acked')
s.flushed = math.max(s.flushed, sequence)
tidy(s)
save(s)
-- Whom a full window held back has room again, on whichever node. While less is kept than its window it holds nobody back;
-- and who stands in a former generation is to hear of that.
if generation ~= s.generation or s.first <= s.last and (kept >= s.window or s.sent < s.last) then wake(s) end
return 'acked ' .. left_of(s)
